#pragma once
/* What Swift's Glibc module leaves out, or types differently between C libraries. */
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

/* GNU extensions (glibc 2.34), which the header hides without _GNU_SOURCE. */
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

/* The RLIMIT_ names are enumerators whose Swift type differs between C libraries. */
static inline int transport_limit(int resource, unsigned long bytes)
{
	struct rlimit limit;

	/* Only ever downwards: a limit that the service manager has set below stays. */
	if (getrlimit(resource, &limit) != 0)
		return -1;
	if (limit.rlim_max > bytes)
		limit.rlim_max = bytes;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	return setrlimit(resource, &limit);
}
static inline int transport_limit_core(void) { return transport_limit(RLIMIT_CORE, 0); }
static inline int transport_limit_data(unsigned long bytes) { return transport_limit(RLIMIT_DATA, bytes); }
static inline int transport_limit_address_space(unsigned long bytes) { return transport_limit(RLIMIT_AS, bytes); }

/* SIGPROF once the process has calculated for so many seconds; each call begins anew. */
static inline int transport_begin_turn(int seconds)
{
	struct itimerval timer = { .it_value = { .tv_sec = seconds } };

	return setitimer(ITIMER_PROF, &timer, 0);
}

/* What ps(1) and top(1) show: it was started as /proc/self/exe. */
static inline int transport_take_name(void) { return prctl(PR_SET_NAME, "reallabor-mqtt", 0, 0, 0); }

static inline int transport_is_not_dumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/* What a dying process says last: the frame lies ready, and its last byte is the signal's number. */
struct transport_words {
	int descriptor, length;
	unsigned char bytes[16];
};
static inline struct transport_words *transport_last_words(void)
{
	static struct transport_words words;

	return &words;
}

static inline void transport_die(int number)
{
	struct transport_words *words = transport_last_words();

	words->bytes[words->length - 1] = (unsigned char)number;
	/* Nobody is left to hear of a failure. The signal's own action follows, since this one was for once. */
	(void)!send(words->descriptor, words->bytes, words->length, MSG_DONTWAIT | MSG_NOSIGNAL);
	raise(number);
}

static inline void transport_say_when_dying(int descriptor, const unsigned char *bytes, int length)
{
	static const int numbers[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGPROF };
	struct transport_words *words = transport_last_words();
	struct sigaction action = { .sa_flags = SA_RESETHAND };

	if (length < 1 || length > (int)sizeof words->bytes)
		return;
	for (int i = 0; i < length; i++)
		words->bytes[i] = bytes[i];
	words->length = length;
	words->descriptor = descriptor;
	action.sa_handler = transport_die;
	for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		sigaction(numbers[i], &action, 0);
}
