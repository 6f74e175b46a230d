#pragma once
/* i2c-dev's ioctls, which Swift can't call since ioctl is variadic. */
#include <errno.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdint.h>
#include <sys/ioctl.h>

static inline int i2c_dev_functions(int descriptor, unsigned long *functions)
{
	return ioctl(descriptor, I2C_FUNCS, functions);
}

/* In units of 10 ms. */
static inline int i2c_dev_set_timeout(int descriptor, unsigned long tens_of_ms)
{
	return ioctl(descriptor, I2C_TIMEOUT, tens_of_ms);
}

/*
 * START, write, repeated START, read, STOP by I2C_RDWR; a part of length 0 is left out.
 * 0 when all of it took place, else -1 and errno; EIO when the adapter stopped half way without saying why.
 */
static inline int i2c_dev_transfer(
	int descriptor, uint16_t address, const uint8_t *write, uint16_t write_count, uint8_t *read, uint16_t read_count)
{
	struct i2c_msg messages[2];
	struct i2c_rdwr_ioctl_data transfer = { .msgs = messages, .nmsgs = 0 };

	if (write_count) {
		/* The kernel only reads from it. */
		messages[transfer.nmsgs++] = (struct i2c_msg){ .addr = address, .len = write_count, .buf = (uint8_t *)write };
	}
	if (read_count) {
		messages[transfer.nmsgs++] =
			(struct i2c_msg){ .addr = address, .flags = I2C_M_RD, .len = read_count, .buf = read };
	}
	int done = ioctl(descriptor, I2C_RDWR, &transfer);

	if (done < 0)
		return -1;
	if (done != (int)transfer.nmsgs) {
		errno = EIO;
		return -1;
	}
	return 0;
}
