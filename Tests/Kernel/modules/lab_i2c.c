// SPDX-License-Identifier: GPL-2.0
/*
 * An I2C adapter without wires. Its targets are register files of 256 bytes
 * that a test fills and spoils through debugfs:
 *
 *   insmod lab_i2c.ko bus=0 address=0x76,0x77
 *   /sys/kernel/debug/lab_i2c/76/registers      256 bytes, read and write
 *   /sys/kernel/debug/lab_i2c/76/nack_next      so many transfers to come are
 *                                               not acknowledged; 4294967295
 *                                               is an unplugged part
 *   /sys/kernel/debug/lab_i2c/76/paired_writes  Y: a write is pairs of register
 *                                               and value (Bosch parts), N: one
 *                                               register, then values in a row
 *   /sys/kernel/debug/lab_i2c/76/transfers      transfers acknowledged so far
 *
 * Reads continue at the register pointer, which a write sets and which wraps
 * at 256.
 */
#include <linux/debugfs.h>
#include <linux/i2c.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/module.h>

#define MOST_TARGETS 4

struct register_target {
	u8 registers[256];
	u8 pointer;
	bool paired_writes;
	u32 nack_next;
	u32 transfers;
};

static int bus;
module_param(bus, int, 0444);
MODULE_PARM_DESC(bus, "number of the bus: 0 makes /dev/i2c-0");

static ushort address[MOST_TARGETS];
static unsigned int target_count;
module_param_array(address, ushort, &target_count, 0444);
MODULE_PARM_DESC(address, "7-bit addresses of the targets");

static struct register_target target[MOST_TARGETS];
static struct dentry *debug_folder;

static struct register_target *target_at(u16 wanted)
{
	unsigned int i;

	for (i = 0; i < target_count; i++) {
		if (address[i] == wanted)
			return &target[i];
	}
	return NULL;
}

static bool acknowledges(struct register_target *t)
{
	if (!t)
		return false;
	if (!t->nack_next)
		return true;
	if (t->nack_next != U32_MAX)
		t->nack_next--;
	return false;
}

static void take(struct register_target *t, const u8 *bytes, u16 length)
{
	u16 i;

	if (!length)
		return;
	t->pointer = bytes[0];
	if (!t->paired_writes) {
		for (i = 1; i < length; i++)
			t->registers[t->pointer++] = bytes[i];
		return;
	}
	for (i = 0; i + 1 < length; i += 2)
		t->registers[bytes[i]] = bytes[i + 1];
}

static void give(struct register_target *t, u8 *bytes, u16 length)
{
	u16 i;

	for (i = 0; i < length; i++)
		bytes[i] = t->registers[t->pointer++];
}

/* The I2C core holds the bus lock: one transfer at a time. */
static int lab_transfer(struct i2c_adapter *adapter, struct i2c_msg *messages, int count)
{
	struct register_target *t = NULL;
	int i;

	for (i = 0; i < count; i++) {
		struct i2c_msg *message = &messages[i];

		if (i == 0 || message->addr != messages[i - 1].addr) {
			t = target_at(message->addr);
			if (!acknowledges(t))
				return -ENXIO;
			t->transfers++;
		}
		if (message->flags & I2C_M_RD)
			give(t, message->buf, message->len);
		else
			take(t, message->buf, message->len);
	}
	return count;
}

static u32 lab_functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
}

static const struct i2c_algorithm lab_algorithm = {
	.master_xfer = lab_transfer,
	.functionality = lab_functionality,
};

static struct i2c_adapter lab_adapter = {
	.owner = THIS_MODULE,
	.name = "lab register targets",
	.algo = &lab_algorithm,
};

static ssize_t show_registers(struct file *file, char __user *to, size_t size, loff_t *at)
{
	struct register_target *t = file->private_data;

	return simple_read_from_buffer(to, size, at, t->registers, sizeof(t->registers));
}

static ssize_t store_registers(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	struct register_target *t = file->private_data;

	return simple_write_to_buffer(t->registers, sizeof(t->registers), at, from, size);
}

static const struct file_operations register_files = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = show_registers,
	.write = store_registers,
	.llseek = default_llseek,
};

static int __init lab_i2c_init(void)
{
	unsigned int i;
	int error;

	debug_folder = debugfs_create_dir("lab_i2c", NULL);
	for (i = 0; i < target_count; i++) {
		struct dentry *folder;
		char name[8];

		snprintf(name, sizeof(name), "%02x", address[i]);
		folder = debugfs_create_dir(name, debug_folder);
		debugfs_create_file("registers", 0644, folder, &target[i], &register_files);
		debugfs_create_u32("nack_next", 0644, folder, &target[i].nack_next);
		debugfs_create_u32("transfers", 0444, folder, &target[i].transfers);
		debugfs_create_bool("paired_writes", 0644, folder, &target[i].paired_writes);
	}
	lab_adapter.nr = bus;
	error = i2c_add_numbered_adapter(&lab_adapter);
	if (error)
		debugfs_remove_recursive(debug_folder);
	return error;
}

static void __exit lab_i2c_exit(void)
{
	i2c_del_adapter(&lab_adapter);
	debugfs_remove_recursive(debug_folder);
}

module_init(lab_i2c_init);
module_exit(lab_i2c_exit);
MODULE_DESCRIPTION("I2C adapter with register files as targets, for the kernel lab");
MODULE_LICENSE("GPL");
