/*
 * The thread sanitizer knows pthread_timedjoin_np and not pthread_clockjoin_np: a thread joined by the latter stays in
 * its register, and the next one with the same handle ends the program. So the one is made of the other.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <time.h>

int pthread_clockjoin_np(pthread_t thread, void **result, clockid_t clock, const struct timespec *until)
{
	struct timespec now, wall;

	clock_gettime(clock, &now);
	clock_gettime(CLOCK_REALTIME, &wall);
	wall.tv_sec += until->tv_sec - now.tv_sec;
	wall.tv_nsec += until->tv_nsec - now.tv_nsec;
	if (wall.tv_nsec < 0) {
		wall.tv_sec--;
		wall.tv_nsec += 1000000000;
	} else if (wall.tv_nsec >= 1000000000) {
		wall.tv_sec++;
		wall.tv_nsec -= 1000000000;
	}
	return pthread_timedjoin_np(thread, result, &wall);
}
