/*
 * Plays recorded edges on gpio-sim lines, each at its time.
 *
 *   pulse-train EDGES PULL_ATTRIBUTE…
 *
 * EDGES has a line "MICROSECONDS LINE LEVEL" for each, ascending; line n is the
 * n-th attribute, from 0. Prints one line of JSON with what was played and how
 * much later than it should the latest of them came.
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

enum { MOST_LINES = 8 };
struct edge {
	int64_t due;
	int line, level;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

int main(int count, char **argument)
{
	int files[MOST_LINES];
	long edges = 0, room = 0, done;
	int64_t start, latest = 0;
	struct edge *all = NULL, edge;
	FILE *list;

	if (count < 3 || count - 2 > MOST_LINES) {
		fprintf(stderr, "pulse-train EDGES PULL_ATTRIBUTE…, at most %d\n", MOST_LINES);
		return 64;
	}
	list = fopen(argument[1], "r");
	if (!list) {
		perror(argument[1]);
		return 66;
	}
	while (fscanf(list, "%" SCNd64 " %d %d", &edge.due, &edge.line, &edge.level) == 3) {
		if (edge.line < 0 || edge.line >= count - 2) {
			fprintf(stderr, "pulse-train: edge %ld is of line %d\n", edges + 1, edge.line);
			return 65;
		}
		if (edges == room) {
			room = room ? 2 * room : 1024;
			all = realloc(all, room * sizeof *all);
			if (!all)
				return 71;
		}
		all[edges++] = edge;
	}
	if (!feof(list)) {
		fprintf(stderr, "pulse-train: edge %ld can't be read\n", edges + 1);
		return 65;
	}
	for (int line = 0; line < count - 2; line++) {
		files[line] = open(argument[2 + line], O_WRONLY | O_CLOEXEC);
		if (files[line] < 0) {
			perror(argument[2 + line]);
			return 66;
		}
	}
	prctl(PR_SET_TIMERSLACK, 1);
	start = now_us();
	for (done = 0; done < edges; done++) {
		const char *pull = all[done].level ? "pull-up" : "pull-down";
		int64_t due = start + all[done].due, late;
		struct timespec t = { due / 1000000, due % 1000000 * 1000 };

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
		late = now_us() - due;
		latest = late > latest ? late : latest;
		if (pwrite(files[all[done].line], pull, strlen(pull), 0) < 0) {
			perror("pulse-train: pull");
			return 1;
		}
	}
	printf("{\"edges\":%ld,\"latest_us\":%" PRId64 "}\n", done, latest);
	return 0;
}
