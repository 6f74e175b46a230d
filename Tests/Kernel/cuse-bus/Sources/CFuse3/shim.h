#define FUSE_USE_VERSION 35
#include <fuse3/cuse_lowlevel.h>
#include <fuse3/fuse_opt.h>
/* What a program sends to an I2C bus device. */
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
