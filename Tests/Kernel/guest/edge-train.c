/*
 * Plays edges on a gpio-sim line, as fast as the lab can or at even distances.
 *
 *   edge-train PULL_ATTRIBUTE EDGES [PERIOD_US]
 *
 * Prints one line of JSON with what was played and how long it took.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

int main(int count, char **argument)
{
	int64_t start, period, played;
	long edges, done;
	int file;

	if (count < 3) {
		fprintf(stderr, "edge-train PULL_ATTRIBUTE EDGES [PERIOD_US]\n");
		return 64;
	}
	file = open(argument[1], O_WRONLY | O_CLOEXEC);
	if (file < 0) {
		perror(argument[1]);
		return 66;
	}
	edges = atol(argument[2]);
	period = count > 3 ? atol(argument[3]) : 0;
	prctl(PR_SET_TIMERSLACK, 1);
	start = now_us();
	for (done = 0; done < edges; done++) {
		const char *pull = done % 2 ? "pull-down" : "pull-up";

		if (period > 0) {
			int64_t due = start + done * period;
			struct timespec t = { due / 1000000, due % 1000000 * 1000 };

			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
		}
		if (pwrite(file, pull, strlen(pull), 0) < 0) {
			perror("edge-train: pull");
			return 1;
		}
	}
	played = now_us() - start;
	printf("{\"edges\":%ld,\"microseconds\":%" PRId64 "}\n", done, played);
	return 0;
}
