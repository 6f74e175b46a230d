/*
 * Counts closures on a GPIO line straight from the kernel, without libgpiod
 * and without the node: the lab's own yardstick.
 *
 *   edge-counter CHIP LINE STABLE_US IDLE_MS
 *
 * Prints "armed" when it holds the line and ends when, after the first edge,
 * no other came for IDLE_MS. A closure is an active level that lasted
 * STABLE_US after an inactive one that did.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <linux/gpio.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int count, char **argument)
{
	struct gpio_v2_line_request request = { .num_lines = 1, .event_buffer_size = 1024 };
	uint64_t stable_ns, last_ns = 0;
	unsigned long edges = 0, lost = 0, closures = 0;
	uint32_t last_number = 0;
	int chip, level = 0, accepted = 0;

	if (count != 5)
		return 64;
	stable_ns = strtoull(argument[3], NULL, 10) * 1000;
	chip = open(argument[1], O_RDWR | O_CLOEXEC);
	if (chip < 0) {
		perror(argument[1]);
		return 66;
	}
	request.offsets[0] = atoi(argument[2]);
	request.config.flags =
		GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING;
	strcpy(request.consumer, "edge-counter");
	if (ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) < 0) {
		perror("request of the line");
		return 69;
	}
	puts("armed");
	fflush(stdout);

	for (;;) {
		struct gpio_v2_line_event events[64];
		struct pollfd line = { .fd = request.fd, .events = POLLIN };
		int ready = poll(&line, 1, edges ? atoi(argument[4]) : -1);
		ssize_t size;

		if (ready == 0)
			break;
		size = read(request.fd, events, sizeof events);
		if (ready < 0 || size < 0) {
			perror("events");
			return 69;
		}
		for (ssize_t i = 0; i < size / (ssize_t)sizeof events[0]; i++) {
			/* The level before this edge lasted until it came. */
			if (edges && events[i].timestamp_ns - last_ns >= stable_ns) {
				closures += level && !accepted;
				accepted = level;
			}
			lost += events[i].line_seqno - last_number - 1;
			last_number = events[i].line_seqno;
			last_ns = events[i].timestamp_ns;
			level = events[i].id == GPIO_V2_LINE_EVENT_RISING_EDGE;
			edges++;
		}
	}
	printf("{\"closures\":%lu,\"edges\":%lu,\"lost\":%lu}\n", closures, edges, lost);
	return 0;
}
