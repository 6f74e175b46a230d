/*
 * Tries the ways into an I2C bus device that i2ctransfer leaves out.
 *
 *   i2c-probe /dev/i2c-N ADDRESS COMMAND PAUSE_MS LENGTH
 *
 * One line each: the functionality word, the answer to I2C_TIMEOUT, LENGTH
 * bytes by plain write() and read(), the same by two I2C_RDWR transfers, and
 * the errno of a transfer to 0x11, where nobody is.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void show(const char *what, long result, const unsigned char *bytes, int length)
{
	printf("%s", what);
	if (result < 0)
		printf(" errno %d", errno);
	else
		for (int i = 0; i < length; i++)
			printf(" %02x", bytes[i]);
	printf("\n");
}

static int transfer(int bus, int address, int flags, unsigned char *bytes, int length)
{
	struct i2c_msg message = { .addr = address, .flags = flags, .len = length, .buf = bytes };
	struct i2c_rdwr_ioctl_data data = { .msgs = &message, .nmsgs = 1 };

	return ioctl(bus, I2C_RDWR, &data);
}

int main(int count, char **argument)
{
	unsigned char command, bytes[32] = { 0 };
	unsigned long functionality = 0;
	int bus, address, pause_us, length, result;

	if (count != 6)
		return 64;
	bus = open(argument[1], O_RDWR | O_CLOEXEC);
	if (bus < 0) {
		perror(argument[1]);
		return 66;
	}
	address = strtol(argument[2], NULL, 0);
	command = strtol(argument[3], NULL, 0);
	pause_us = atoi(argument[4]) * 1000;
	length = atoi(argument[5]);
	if (length > (int)sizeof bytes)
		return 64;

	result = ioctl(bus, I2C_FUNCS, &functionality);
	printf("functionality %s\n", result == 0 && functionality & I2C_FUNC_I2C ? "i2c" : "none");
	show("timeout", ioctl(bus, I2C_TIMEOUT, 10), bytes, 0);

	result = ioctl(bus, I2C_SLAVE, address);
	if (result == 0 && write(bus, &command, 1) == 1) {
		usleep(pause_us);
		show("plain", read(bus, bytes, length), bytes, length);
	} else {
		show("plain", -1, bytes, 0);
	}

	memset(bytes, 0, sizeof bytes);
	result = transfer(bus, address, 0, &command, 1);
	usleep(pause_us);
	show("transfer", result < 0 ? result : transfer(bus, address, I2C_M_RD, bytes, length), bytes, length);
	show("nobody", transfer(bus, 0x11, 0, &command, 1), bytes, 0);
	return 0;
}
