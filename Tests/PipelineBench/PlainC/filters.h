#include "plain_channels.h"

static inline void append(struct plain_passages *passages, struct plain_passage passage) {
    if (passages->count == passages->capacity) {
        passages->overflow++;
        return;
    }
    passages->at[passages->count++] = passage;
}

/* How many edges are missing before this one. */
static inline uint32_t observe(struct plain_lost *lost, bool level, uint32_t sequence) {
    uint32_t gap = sequence != 0 || lost->is_numbered ? sequence - lost->last_sequence - 1 : 0;
    if (sequence != 0 || lost->is_numbered) {
        lost->last_sequence = sequence;
        lost->is_numbered = true;
    }
    bool alternates = level != lost->last_level;
    lost->last_level = level;
    if (gap == 0 && alternates) return 0;
    return gap + (alternates == ((gap & 1) == 0) ? 0 : 1);
}

enum outcome { nothing, glitch, transition };

static inline enum outcome settle(struct plain_stable *filter, int64_t now) {
    if (filter->is_settled) return nothing;
    if (now - filter->since < (filter->candidate ? filter->rise : filter->fall)) return nothing;
    filter->is_settled = true;
    if (filter->candidate == filter->accepted) return glitch;
    filter->accepted = filter->candidate;
    return transition;
}

static inline void change(struct plain_stable *filter, bool level, int64_t instant) {
    if (filter->is_settled) {
        filter->onset = instant;
        filter->is_settled = false;
    }
    filter->candidate = level;
    filter->since = instant;
}

#define CHATTER_LIMIT 1000000000
