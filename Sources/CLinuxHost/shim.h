#pragma once
/* What Swift's Glibc module leaves out. */
#include <linux/capability.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/*
 * GNU extensions, declared here since the headers hide them without _GNU_SOURCE; and defining that here would give
 * system types another shape than they have in the Glibc module.
 */
extern int ppoll(struct pollfd *entries, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
extern int pthread_setname_np(pthread_t thread, const char *name);
extern int pthread_clockjoin_np(pthread_t thread, void **result, clockid_t clock, const struct timespec *deadline);
extern int pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes);

/* RLIMIT_MEMLOCK is an enumerator whose Swift type differs between C libraries. */
static inline int host_get_memlock_limit(struct rlimit *limit) { return getrlimit(RLIMIT_MEMLOCK, limit); }
static inline int host_set_memlock_limit(const struct rlimit *limit) { return setrlimit(RLIMIT_MEMLOCK, limit); }

/* Whether the calling thread has CAP_IPC_LOCK, to which RLIMIT_MEMLOCK does not apply (mlock(2)). */
static inline int host_may_lock_without_limit(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	return syscall(SYS_capget, &header, sets) == 0 && (sets[0].effective & (1u << CAP_IPC_LOCK)) != 0;
}

/*
 * Writes to every page of the next `bytes` below the caller's frame, so that using them later faults no more.
 * Stops short of the guard page. Returns the bytes touched; 0 when the thread's stack bounds are not known.
 */
static inline __attribute__((noinline)) size_t host_prefault_stack(size_t bytes)
{
	const size_t page = 4096, margin = 4 * page;
	pthread_attr_t attributes;
	void *lowest;
	size_t size;

	if (pthread_getattr_np(pthread_self(), &attributes) != 0)
		return 0;
	int unknown = pthread_attr_getstack(&attributes, &lowest, &size);
	pthread_attr_destroy(&attributes);
	if (unknown)
		return 0;
	size_t room = (uintptr_t)__builtin_frame_address(0) - (uintptr_t)lowest;
	if (room <= margin)
		return 0;
	if (bytes > room - margin)
		bytes = room - margin;
	volatile char *area = (volatile char *)__builtin_alloca(bytes);
	for (size_t i = 0; i < bytes; i += page)
		area[i] = 0;
	return bytes;
}

/*
 * Lets go of the pages of all program code that is mapped from files: what runs on comes back with its next use, mostly from
 * the page cache. Only mappings nobody can have written to: of others the changes would be lost (madvise(2), MADV_DONTNEED).
 * Returns the mappings that were let go.
 */
static inline int host_release_code(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char *line = NULL, mode[5];
	size_t room = 0;
	unsigned long first, end, inode;
	int released = 0;

	if (maps == NULL)
		return 0;
	while (getline(&line, &room, maps) > 0)
		if (sscanf(line, "%lx-%lx %4s %*x %*s %lu", &first, &end, mode, &inode) == 4 && inode != 0 &&
		    mode[0] == 'r' && mode[1] == '-' && mode[2] == 'x' && madvise((void *)first, end - first, MADV_DONTNEED) == 0)
			released++;
	free(line);
	fclose(maps);
	return released;
}
