#include "filters.h"
#include <string.h>

void plain_contact_begin(struct plain_contact *channel, int64_t rise, int64_t fall) {
    memset(channel, 0, sizeof *channel);
    channel->filter.rise = rise;
    channel->filter.fall = fall;
    channel->filter.is_settled = true;
}

static void mark_unobserved(struct plain_contact *channel, int64_t begin, int64_t end) {
    int64_t first = begin;
    if (channel->interval_start > first) first = channel->interval_start;
    if (channel->unobserved_until > first) first = channel->unobserved_until;
    if (end <= first) return;
    channel->tally.unobserved += end - first;
    channel->unobserved_until = end;
}

static void note_restlessness(struct plain_contact *channel, int64_t onset, int64_t end) {
    if (channel->last_instant - onset <= CHATTER_LIMIT) return;
    mark_unobserved(channel, onset, end < channel->last_instant ? end : channel->last_instant);
}

static inline void decide(struct plain_contact *channel, int64_t now, struct plain_passages *passages) {
    switch (settle(&channel->filter, now)) {
    case nothing:
        return;
    case glitch:
        channel->tally.rejected_glitches++;
        note_restlessness(channel, channel->filter.onset, now);
        return;
    case transition:
        note_restlessness(channel, channel->filter.onset, now);
        if (!channel->filter.accepted) return;
        channel->tally.passages++;
        append(passages, (struct plain_passage){.instant = channel->filter.onset});
    }
}

int plain_contact_ingest(
    struct plain_contact *channel, const struct plain_edge *edges, int count, int64_t boundary, struct plain_passages *passages) {
    for (int index = 0; index < count; index++) {
        struct plain_edge edge = edges[index];
        if (edge.instant >= boundary) return index;
        channel->tally.edges++;
        uint32_t before = channel->lost.last_sequence;
        uint32_t lost = observe(&channel->lost, edge.level, edge.sequence);
        channel->tally.lost_edges += lost;
        if (edge.sequence != before + 1 && lost != 0) {
            if (!channel->filter.is_settled) note_restlessness(channel, channel->filter.onset, channel->last_instant);
            mark_unobserved(channel, channel->last_instant, edge.instant);
        } else {
            decide(channel, edge.instant, passages);
        }
        change(&channel->filter, edge.level, edge.instant);
        decide(channel, edge.instant, passages);
        channel->last_instant = edge.instant;
    }
    return count;
}

void plain_contact_advance(struct plain_contact *channel, int64_t now, struct plain_passages *passages) {
    decide(channel, now, passages);
}
