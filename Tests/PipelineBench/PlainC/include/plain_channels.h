#ifndef PLAIN_CHANNELS_H
#define PLAIN_CHANNELS_H

#include <stdbool.h>
#include <stdint.h>

/* The channels `contact` and `beam_pair` in plain C, to see what Swift costs: the same state machines with the same
   checks, written by hand for one filter each. The beams' search for overlapping people is not here: a window that is no
   plain passage is dropped and counted. */

struct plain_edge {
    int64_t instant; /* ns */
    uint32_t sequence;
    uint8_t input;
    bool level;
};

struct plain_passage {
    int64_t instant;
    double speed; /* m/s; 0 when not known */
    double length; /* m */
    uint8_t direction;
    uint8_t road_user;
};

struct plain_passages {
    struct plain_passage *at;
    int capacity, count;
    uint64_t overflow;
};

struct plain_lost {
    uint32_t last_sequence;
    bool is_numbered, last_level;
};

struct plain_stable {
    int64_t rise, fall, since, onset;
    bool accepted, candidate, is_settled;
};

struct plain_tally {
    uint64_t passages, edges, lost_edges, rejected_glitches, uncertain;
    int64_t unobserved, occupied; /* ns */
};

struct plain_contact {
    struct plain_lost lost;
    struct plain_stable filter;
    struct plain_tally tally;
    int64_t interval_start, last_instant, unobserved_until;
};

void plain_contact_begin(struct plain_contact *, int64_t rise, int64_t fall);
/* Takes edges before `boundary`; gives how many. */
int plain_contact_ingest(struct plain_contact *, const struct plain_edge *, int count, int64_t boundary, struct plain_passages *);
void plain_contact_advance(struct plain_contact *, int64_t now, struct plain_passages *);

#define PLAIN_WINDOW 64
#define PLAIN_PENDING 128

struct plain_mark {
    int64_t on, off;
    uint8_t input;
};

struct plain_change {
    int64_t instant;
    uint8_t input;
    bool level;
};

struct plain_line {
    struct plain_lost lost;
    struct plain_stable filter;
    int64_t last_instant;
    bool level;
};

struct plain_beams {
    struct plain_line lines[2];
    struct plain_change pending[PLAIN_PENDING];
    int head, waiting;
    struct plain_mark window[PLAIN_WINDOW];
    int marks, open;
    int64_t next_look, next_release, decided_until, occupied_since, interval_start, unobserved_until, boundary;
    int64_t patience, stalls[2], stalled_since;
    double spacing, slowest, fastest;
    struct plain_tally tally, next_tally;
    uint64_t not_plain; /* windows that want the search */
};

void plain_beams_begin(struct plain_beams *, double spacing, int64_t time);
int plain_beams_ingest(struct plain_beams *, const struct plain_edge *, int count, int64_t boundary, struct plain_passages *);
void plain_beams_advance(struct plain_beams *, int64_t now, struct plain_passages *);

#endif
