#pragma once
/*
 * libgpiod 1.6 (GPIO uAPI v1) and 2.x (uAPI v2) behind one set of types and functions.
 *
 * All functions return -1 and set errno when they fail, as libgpiod does. Reading edges and levels never allocates.
 */
#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef GPIOD_LINE_BULK_MAX_LINES
#define CGPIOD_IS_V1 1
#else
#include <linux/gpio.h>
#define CGPIOD_IS_V1 0
#endif

/* Lines per request: GPIO_V2_LINES_MAX; 1.6 has the same limit. */
enum { CGPIOD_MAX_LINES = 64 };
#if CGPIOD_IS_V1
/* The kernel holds 16 events per line (drivers/gpio/gpiolib-cdev.c), and libgpiod 1.6 reads no more at once. */
enum { CGPIOD_UAPI = 1, CGPIOD_KERNEL_EVENTS = 16, CGPIOD_READ_AT_ONCE = 16 };
#else
/* The kernel holds up to 1024 events per request: 16 × GPIO_V2_LINES_MAX. */
enum { CGPIOD_UAPI = 2, CGPIOD_KERNEL_EVENTS = 1024, CGPIOD_READ_AT_ONCE = 64 };
#endif

enum cgpiod_bias { CGPIOD_BIAS_AS_IS, CGPIOD_BIAS_DISABLED, CGPIOD_BIAS_PULL_UP, CGPIOD_BIAS_PULL_DOWN };

struct cgpiod_line_setup {
	uint32_t offset;
	enum cgpiod_bias bias;
	bool is_active_low;
	/* 0 for none; must be 0 with uAPI v1. */
	uint32_t debounce_us;
};

struct cgpiod_edge {
	uint64_t timestamp_ns;
	uint32_t offset;
	/* 0 with uAPI v1. */
	uint32_t line_seqno;
	/* Inactive to active. */
	bool is_rising;
};

/* Requested lines; filled by cgpiod_request, given back by cgpiod_release, before the chip is closed. */
struct cgpiod_lines {
	unsigned int count;
	/* One per line with uAPI v1, one in all with v2. */
	unsigned int descriptor_count;
	int descriptors[CGPIOD_MAX_LINES];
	unsigned int offsets[CGPIOD_MAX_LINES];
#if CGPIOD_IS_V1
	struct gpiod_line *lines[CGPIOD_MAX_LINES];
#else
	struct gpiod_line_request *request;
#endif
};

static inline const char *cgpiod_version(void)
{
#if CGPIOD_IS_V1
	return gpiod_version_string();
#else
	return gpiod_api_version();
#endif
}

static inline int cgpiod_chip_describe(struct gpiod_chip *chip, char *label, size_t size, unsigned int *line_count)
{
#if CGPIOD_IS_V1
	snprintf(label, size, "%s", gpiod_chip_label(chip));
	*line_count = gpiod_chip_num_lines(chip);
#else
	struct gpiod_chip_info *info = gpiod_chip_get_info(chip);

	if (!info)
		return -1;
	snprintf(label, size, "%s", gpiod_chip_info_get_label(info));
	*line_count = (unsigned int)gpiod_chip_info_get_num_lines(info);
	gpiod_chip_info_free(info);
#endif
	return 0;
}

/* 1 and the holder's name when the line is in use (empty when the kernel gives none), 0 when it is free. */
static inline int cgpiod_line_holder(struct gpiod_chip *chip, unsigned int offset, char *name, size_t size)
{
	const char *consumer;
	int used;

#if CGPIOD_IS_V1
	struct gpiod_line *line = gpiod_chip_get_line(chip, offset);

	if (!line || gpiod_line_update(line) < 0)
		return -1;
	used = gpiod_line_is_used(line);
	consumer = gpiod_line_consumer(line);
	snprintf(name, size, "%s", consumer ? consumer : "");
#else
	struct gpiod_line_info *info = gpiod_chip_get_line_info(chip, offset);

	if (!info)
		return -1;
	used = gpiod_line_info_is_used(info);
	consumer = gpiod_line_info_get_consumer(info);
	snprintf(name, size, "%s", consumer ? consumer : "");
	gpiod_line_info_free(info);
#endif
	return used;
}

static inline void cgpiod_release(struct cgpiod_lines *lines)
{
#if CGPIOD_IS_V1
	for (unsigned int i = 0; i < lines->count; i++)
		gpiod_line_release(lines->lines[i]);
#else
	if (lines->request)
		gpiod_line_request_release(lines->request);
	lines->request = NULL;
#endif
	lines->count = lines->descriptor_count = 0;
}

#if CGPIOD_IS_V1
static inline int cgpiod_request_line(
	struct gpiod_chip *chip, const struct cgpiod_line_setup *setup, const char *consumer, struct cgpiod_lines *lines)
{
	static const int bias_flags[] = {
		[CGPIOD_BIAS_AS_IS] = 0,
		[CGPIOD_BIAS_DISABLED] = GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE,
		[CGPIOD_BIAS_PULL_UP] = GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP,
		[CGPIOD_BIAS_PULL_DOWN] = GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN,
	};
	struct gpiod_line *line = gpiod_chip_get_line(chip, setup->offset);
	int flags = bias_flags[setup->bias] | (setup->is_active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0);

	if (!line)
		return -1;
	if (gpiod_line_request_both_edges_events_flags(line, consumer, flags) < 0)
		return -1;
	lines->offsets[lines->count] = setup->offset;
	lines->lines[lines->count++] = line;
	lines->descriptors[lines->descriptor_count++] = gpiod_line_event_get_fd(line);
	return 0;
}
#else
static inline int cgpiod_add_line(
	struct gpiod_line_config *config, struct gpiod_line_settings *settings, const struct cgpiod_line_setup *setup)
{
	static const enum gpiod_line_bias biases[] = {
		[CGPIOD_BIAS_AS_IS] = GPIOD_LINE_BIAS_AS_IS,
		[CGPIOD_BIAS_DISABLED] = GPIOD_LINE_BIAS_DISABLED,
		[CGPIOD_BIAS_PULL_UP] = GPIOD_LINE_BIAS_PULL_UP,
		[CGPIOD_BIAS_PULL_DOWN] = GPIOD_LINE_BIAS_PULL_DOWN,
	};
	unsigned int offset = setup->offset;

	gpiod_line_settings_reset(settings);
	if (gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT) < 0 ||
	    gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH) < 0 ||
	    gpiod_line_settings_set_event_clock(settings, GPIOD_LINE_CLOCK_MONOTONIC) < 0 ||
	    gpiod_line_settings_set_bias(settings, biases[setup->bias]) < 0)
		return -1;
	gpiod_line_settings_set_active_low(settings, setup->is_active_low);
	gpiod_line_settings_set_debounce_period_us(settings, setup->debounce_us);
	return gpiod_line_config_add_line_settings(config, &offset, 1, settings);
}
#endif

/* Requests all lines for both edges, or none of them. The descriptors are set to be non-blocking. */
static inline int cgpiod_request(
	struct gpiod_chip *chip, const struct cgpiod_line_setup *setups, unsigned int count, const char *consumer,
	struct cgpiod_lines *lines)
{
	int result = 0, error;

	memset(lines, 0, sizeof(*lines));
	if (count == 0 || count > CGPIOD_MAX_LINES) {
		errno = EINVAL;
		return -1;
	}
#if CGPIOD_IS_V1
	for (unsigned int i = 0; i < count && result == 0; i++)
		result = cgpiod_request_line(chip, &setups[i], consumer, lines);
#else
	struct gpiod_line_settings *settings = gpiod_line_settings_new();
	struct gpiod_line_config *config = gpiod_line_config_new();
	struct gpiod_request_config *request = gpiod_request_config_new();

	if (!settings || !config || !request)
		result = -1;
	for (unsigned int i = 0; i < count && result == 0; i++) {
		lines->offsets[i] = setups[i].offset;
		result = cgpiod_add_line(config, settings, &setups[i]);
	}
	if (result == 0) {
		gpiod_request_config_set_consumer(request, consumer);
		gpiod_request_config_set_event_buffer_size(request, CGPIOD_KERNEL_EVENTS);
		lines->request = gpiod_chip_request_lines(chip, request, config);
		if (lines->request) {
			lines->count = count;
			lines->descriptors[lines->descriptor_count++] = gpiod_line_request_get_fd(lines->request);
		} else {
			result = -1;
		}
	}
	error = errno;
	gpiod_request_config_free(request);
	gpiod_line_config_free(config);
	gpiod_line_settings_free(settings);
	errno = error;
#endif
	for (unsigned int i = 0; i < lines->descriptor_count && result == 0; i++) {
		int flags = fcntl(lines->descriptors[i], F_GETFL);

		result = flags < 0 ? -1 : fcntl(lines->descriptors[i], F_SETFL, flags | O_NONBLOCK);
	}
	if (result < 0) {
		error = errno;
		cgpiod_release(lines);
		errno = error;
	}
	return result;
}

/*
 * Takes up to `capacity` (at most CGPIOD_READ_AT_ONCE) edges from one descriptor; -1 with EAGAIN when there are none.
 * Needs no more than a descriptor that gives the kernel's records, so that a pipe can stand in for a line.
 * `offset` is the line that the descriptor stands for with uAPI v1; with v2 the records themselves name it.
 */
static inline int cgpiod_read(int descriptor, uint32_t offset, struct cgpiod_edge *edges, unsigned int capacity)
{
	if (capacity > CGPIOD_READ_AT_ONCE)
		capacity = CGPIOD_READ_AT_ONCE;
#if CGPIOD_IS_V1
	struct gpiod_line_event events[CGPIOD_READ_AT_ONCE];
	int count = gpiod_line_event_read_fd_multiple(descriptor, events, capacity);

	for (int i = 0; i < count; i++) {
		edges[i].timestamp_ns =
			(uint64_t)events[i].ts.tv_sec * 1000000000 + (uint64_t)events[i].ts.tv_nsec;
		edges[i].offset = offset;
		edges[i].line_seqno = 0;
		edges[i].is_rising = events[i].event_type == GPIOD_LINE_EVENT_RISING_EDGE;
	}
	return count;
#else
	/* The kernel's own records (uAPI v2): libgpiod 2 clears its whole buffer at each read and takes no descriptor. */
	struct gpio_v2_line_event events[CGPIOD_READ_AT_ONCE];
	(void)offset;
	ssize_t bytes = read(descriptor, events, capacity * sizeof(events[0]));

	if (bytes < 0)
		return -1;
	if ((size_t)bytes < sizeof(events[0])) {
		errno = EIO;
		return -1;
	}
	int count = (int)((size_t)bytes / sizeof(events[0]));

	for (int i = 0; i < count; i++) {
		edges[i].timestamp_ns = events[i].timestamp_ns;
		edges[i].offset = events[i].offset;
		edges[i].line_seqno = events[i].line_seqno;
		edges[i].is_rising = events[i].id == GPIO_V2_LINE_EVENT_RISING_EDGE;
	}
	return count;
#endif
}

/* 1 when the line is active, 0 when not: the logical level, after active-low. */
static inline int cgpiod_level(struct cgpiod_lines *lines, unsigned int index)
{
#if CGPIOD_IS_V1
	return gpiod_line_get_value(lines->lines[index]);
#else
	return gpiod_line_request_get_value(lines->request, lines->offsets[index]);
#endif
}
