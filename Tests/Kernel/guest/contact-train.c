/*
 * Plays a bouncing contact on a gpio-sim line.
 *
 *   contact-train PULL_ATTRIBUTE CLOSURES SEED [HOLD_MS]
 *
 * Each closing and each opening is a burst: an odd number of edges (1 to 15)
 * at random moments of its length. Lengths follow Ganssle's survey of
 * switches: 1557 us on average, 6200 us at most (an exponential with scale
 * 1735 us cut at 6200 us has a mean of 1556 us; the first burst of each kind
 * is 6200 us on purpose). Between bursts the contact rests for HOLD_MS (40),
 * so a filter that wants 8 ms of rest accepts exactly one closure each. After
 * every 25th closure the resting contact makes a spike of 1 ms: no closure.
 *
 * SIGTERM ends the train after the closure under way.
 *
 * Prints "closure N" after each opening, at the end one line of JSON with what
 * was really played, measured here on CLOCK_MONOTONIC: the train is only as
 * good as its longest gap within a burst and its shortest rest.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { MOST_EDGES = 15, LONGEST_BURST_US = 6200, CLOSURES_PER_SPIKE = 25, SPIKE_US = 1000 };
static const double burst_scale_us = 1735;

static uint64_t random_state;
static volatile sig_atomic_t is_ending;

static void end_soon(int number)
{
	(void)number;
	is_ending = 1;
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t random_bits(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* 0 exclusive to 1 inclusive. */
static double random_share(void)
{
	return ((random_bits() >> 11) + 1) * 0x1p-53;
}

static int64_t burst_length_us(int is_first)
{
	double length;

	if (is_first)
		return LONGEST_BURST_US;
	do
		length = -burst_scale_us * log(random_share());
	while (length > LONGEST_BURST_US);
	return (int64_t)length;
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void wait_until_us(int64_t deadline)
{
	struct timespec t = { deadline / 1000000, deadline % 1000000 * 1000 };

	/* Again after a signal: the closure under way keeps its times. */
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
		;
}

static struct {
	int file;
	int is_closed;
	int64_t last_edge_us;
	long edges, bursts, spikes;
	int64_t longest_gap_us, shortest_rest_us, longest_burst_us, all_bursts_us;
} contact = { .shortest_rest_us = INT64_MAX };

static void toggle(int is_first_of_burst)
{
	const char *pull = contact.is_closed ? "pull-down" : "pull-up";
	int64_t moment, gap;

	if (pwrite(contact.file, pull, strlen(pull), 0) < 0) {
		perror("contact-train: pull");
		exit(1);
	}
	moment = now_us();
	gap = moment - contact.last_edge_us;
	if (is_first_of_burst && contact.edges && gap < contact.shortest_rest_us)
		contact.shortest_rest_us = gap;
	if (!is_first_of_burst && gap > contact.longest_gap_us)
		contact.longest_gap_us = gap;
	contact.is_closed = !contact.is_closed;
	contact.last_edge_us = moment;
	contact.edges++;
}

static void play_burst(int is_first)
{
	int64_t moment_us[MOST_EDGES], length = burst_length_us(is_first), start = now_us(), played;
	int edges = 2 * (int)(random_bits() % (MOST_EDGES / 2 + 1)) + 1, i;

	if (is_first && edges == 1)
		edges = 3;
	moment_us[0] = 0;
	for (i = 1; i < edges; i++)
		moment_us[i] = i == edges - 1 ? length : (int64_t)(random_share() * length);
	qsort(moment_us, edges, sizeof moment_us[0], ascending);
	for (i = 0; i < edges; i++) {
		wait_until_us(start + moment_us[i]);
		toggle(i == 0);
	}
	played = contact.last_edge_us - start;
	contact.bursts++;
	contact.all_bursts_us += length;
	if (played > contact.longest_burst_us)
		contact.longest_burst_us = played;
}

static void play_spike(void)
{
	toggle(1);
	wait_until_us(contact.last_edge_us + SPIKE_US);
	toggle(0);
	contact.spikes++;
}

int main(int count, char **argument)
{
	long closures, done;
	int64_t hold_us;

	if (count < 4) {
		fprintf(stderr, "contact-train PULL_ATTRIBUTE CLOSURES SEED [HOLD_MS]\n");
		return 64;
	}
	contact.file = open(argument[1], O_WRONLY | O_CLOEXEC);
	if (contact.file < 0) {
		perror(argument[1]);
		return 66;
	}
	closures = atol(argument[2]);
	random_state = strtoull(argument[3], NULL, 0);
	hold_us = (count > 4 ? atol(argument[4]) : 40) * 1000LL;
	prctl(PR_SET_TIMERSLACK, 1);
	signal(SIGTERM, end_soon);

	for (done = 0; done < closures && !is_ending; done++) {
		play_burst(done == 0);
		wait_until_us(contact.last_edge_us + hold_us);
		play_burst(done == 0);
		printf("closure %ld\n", done + 1);
		fflush(stdout);
		wait_until_us(contact.last_edge_us + hold_us);
		if ((done + 1) % CLOSURES_PER_SPIKE == 0) {
			play_spike();
			wait_until_us(contact.last_edge_us + hold_us);
		}
	}
	printf("{\"closures\":%ld,\"spikes\":%ld,\"edges\":%ld,\"seed\":%s,\"mean_burst_us\":%.0f,\"longest_burst_us\":%" PRId64
	       ",\"longest_gap_us\":%" PRId64 ",\"shortest_rest_us\":%" PRId64 "}\n",
	       done, contact.spikes, contact.edges, argument[3], (double)contact.all_bursts_us / contact.bursts,
	       contact.longest_burst_us, contact.longest_gap_us, contact.shortest_rest_us);
	return 0;
}
