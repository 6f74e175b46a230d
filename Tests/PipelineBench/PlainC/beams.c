#include "filters.h"
#include <math.h>
#include <string.h>

#define SLACK 2000000
#define QUIET 150000000
#define STILL_ACTIVE INT64_MAX
#define STALL_LIMIT 10000000000
#define LONGEST_WAIT 8000000000
#define CROWD 48
#define BETWEEN 400000000

/* As the product numbers them. */
enum { PEDESTRIAN = 0, BIKE = 1, UNCLASSIFIED = 6 };

void plain_beams_begin(struct plain_beams *channel, double spacing, int64_t time) {
    memset(channel, 0, sizeof *channel);
    for (int input = 0; input < 2; input++) {
        channel->lines[input].filter.rise = time;
        channel->lines[input].filter.fall = time;
        channel->lines[input].filter.is_settled = true;
    }
    channel->spacing = spacing;
    channel->slowest = 0.3;
    channel->fastest = 15;
    channel->patience = (int64_t)(spacing / 0.6 * 1e9);
    channel->next_look = channel->stalls[0] = channel->stalls[1] = channel->stalled_since = INT64_MAX;
    channel->occupied_since = -1;
}

static double deviation_cost(double deviation, double usual) {
    double ratio = deviation / usual;
    return log1p(ratio * ratio);
}

static double beyond(double value, double lower, double upper, double step) {
    double distance = value < lower ? lower - value : value > upper ? value - upper : 0;
    distance /= step;
    return fmin(9, 0.5 * distance * distance);
}

struct silhouette {
    uint8_t road_user;
    double cost;
};

static struct silhouette silhouette(double speed, double length, int pieces, double gap, double first, double last) {
    double bike = deviation_cost(speed - 5, 2) + beyond(length, 1.25, 2.2, 0.08);
    if (pieces == 1) bike += 1;
    if (speed < 2) bike += 3 * (2 - speed) + (pieces < 3 ? 3 : 0);
    bike += beyond(gap, 0, 0.7, 0.1);
    if (pieces > 1 && first > 0.12) {
        double unequal = last > 0.12 ? 0.5 * deviation_cost(last - first, 0.03) : 0;
        double rear = last > 0.12 ? beyond(last, 0.42, 0.72, 0.03) : 0;
        bike += fmin(5, beyond(first, 0.42, 0.72, 0.03) + rear + unequal);
    }
    double walking = 1.5 * deviation_cost(speed - 1.35, speed < 1.35 ? 0.45 : 0.6);
    double running = 1.2 + deviation_cost(speed - 3, 0.8);
    double pedestrian = fmin(walking, running) + beyond(length, 0.18, 0.5, 0.06);
    pedestrian += 0.8 * (pieces - 1) + beyond(gap, 0, 0.25, 0.06);
    if (speed > 4.5) pedestrian += 3 * (speed - 4.5);
    pedestrian += beyond(fmax(first, last), 0.16, 9, 0.04);
    double other = 5.5 + beyond(length, 0.3, 2.7, 0.1) + 10 * gap + 3 * (pieces - 1);
    if (bike <= pedestrian && bike <= other) return (struct silhouette){BIKE, bike};
    if (pedestrian <= other) return (struct silhouette){PEDESTRIAN, pedestrian};
    return (struct silhouette){UNCLASSIFIED, other};
}

static double between(int64_t from, int64_t to) { return (double)(to - from) * 1e-9; }

enum plainness { not_plain, wait, plain };

/* The oldest marks as one passage; what the search would find where nobody else is. */
static enum plainness read_plain(const struct plain_beams *c, int64_t now, struct plain_passage *passage, int *marks, int64_t *ready) {
    const struct plain_mark *w = c->window;
    int count = c->marks;
    int64_t end = w[0].off;
    for (int place = 1; place < c->marks; place++) {
        if (end != STILL_ACTIVE && w[place].on > end + BETWEEN) {
            count = place;
            break;
        }
        if (w[place].off > end) end = w[place].off;
    }
    if ((count & 1) != 0 || count > 16 || w[0].off == STILL_ACTIVE) return not_plain;
    int pieces = count / 2, entry = -1, leaving = 0;
    double lowest = INFINITY, highest = -INFINITY, shifts = 0, widest = 0, first = between(w[0].on, w[0].off), last = first;
    int64_t chain_end = w[0].off;
    for (int piece = 0; piece < pieces; piece++) {
        do entry++;
        while (entry < count && w[entry].input != w[0].input);
        while (leaving < count && w[leaving].input == w[0].input) leaving++;
        if (entry >= count || leaving >= count || w[entry].off == STILL_ACTIVE || w[leaving].off == STILL_ACTIVE) return not_plain;
        double begin = between(w[entry].on, w[leaving].on), ends = between(w[entry].off, w[leaving].off);
        lowest = fmin(lowest, fmin(begin, ends));
        highest = fmax(highest, fmax(begin, ends));
        shifts += begin + ends;
        if (piece > 0) widest = fmax(widest, between(chain_end, w[entry].on));
        chain_end = w[entry].off;
        last = between(w[entry].on, w[entry].off);
        leaving++;
    }
    double shift = shifts / count;
    if (lowest < c->spacing / c->fastest || highest > c->spacing / c->slowest || highest - lowest >= 0.002 + 0.02 * shift) return not_plain;
    double speed = c->spacing / shift, length = fmax(0, speed * between(w[0].on, chain_end));
    struct silhouette shape = silhouette(speed, length, pieces, pieces > 1 ? speed * widest : 0, speed * first, speed * last);
    if (shape.cost >= 1.2) return not_plain;
    int64_t patience = w[0].on + c->patience;
    int64_t next = chain_end + (int64_t)(((speed > 2 ? 0.9 : 0.5) / speed + 1.1 * shift) * 1e9);
    *ready = patience > next ? patience : next;
    if (count < c->marks && w[count].on <= *ready) return not_plain;
    if (*ready > now) return wait;
    *passage = (struct plain_passage){w[0].on, speed, length, w[0].input, shape.road_user};
    *marks = count;
    return plain;
}

/* When the oldest mark that is open will have been so for too long. */
static int64_t stall_look(const struct plain_beams *c) {
    for (int place = 0; place < c->marks; place++)
        if (c->window[place].off == STILL_ACTIVE) return c->window[place].on + STALL_LIMIT;
    return INT64_MAX;
}

/* Takes a mark out that is open for too long. */
static bool drop_stalled(struct plain_beams *c, int64_t now) {
    for (int place = 0; place < c->marks; place++) {
        if (c->window[place].off != STILL_ACTIVE || now - c->window[place].on < STALL_LIMIT) continue;
        c->stalls[c->window[place].input] = c->window[place].on;
        memmove(c->window + place, c->window + place + 1, (size_t)(c->marks - place - 1) * sizeof *c->window);
        c->marks--;
        c->open--;
        return true;
    }
    return false;
}

static void look(struct plain_beams *c, int64_t now, struct plain_passages *passages) {
    while (c->marks > 0) {
        if (c->open > 0) {
            if (drop_stalled(c, now)) continue;
            c->next_look = stall_look(c);
            return;
        }
        struct plain_passage passage;
        int marks = 0;
        int64_t ready = 0;
        switch (read_plain(c, now, &passage, &marks, &ready)) {
        case wait:
            c->next_look = ready;
            return;
        case not_plain:
            c->not_plain++;
            marks = c->marks;
            break;
        case plain:
            append(passages, passage);
        }
        memmove(c->window, c->window + marks, (size_t)(c->marks - marks) * sizeof *c->window);
        c->marks -= marks;
    }
    c->next_look = INT64_MAX;
}

static void mark_unobserved(struct plain_beams *c, int64_t begin, int64_t end) {
    int64_t first = begin > c->unobserved_until ? begin : c->unobserved_until;
    if (first < c->interval_start) first = c->interval_start;
    if (end <= first) return;
    c->tally.unobserved += end - first;
    c->unobserved_until = end;
}

static void count_from(struct plain_beams *c, const struct plain_passages *passages, int start) {
    for (int place = start; place < passages->count; place++) {
        struct plain_tally *tally = passages->at[place].instant >= c->boundary ? &c->next_tally : &c->tally;
        tally->passages++;
        if (passages->at[place].road_user == UNCLASSIFIED) tally->uncertain++;
    }
}

static void watch_stall(struct plain_beams *c, int64_t now) {
    int64_t stall = c->stalls[0] < c->stalls[1] ? c->stalls[0] : c->stalls[1];
    if (c->stalled_since != INT64_MAX && stall == INT64_MAX) mark_unobserved(c, c->stalled_since, now);
    c->stalled_since = stall;
}

static void take(struct plain_beams *c, struct plain_change change, struct plain_passages *passages) {
    if (change.instant >= c->next_look) look(c, change.instant, passages);
    if (change.level) {
        // Here the search would take out what is sure.
        if (c->marks >= CROWD || (c->marks > 0 && change.instant - c->window[0].on > LONGEST_WAIT)) c->not_plain++;
        if (c->marks == PLAIN_WINDOW) return;
        c->window[c->marks++] = (struct plain_mark){change.instant, STILL_ACTIVE, change.input};
        c->open++;
        c->next_look = stall_look(c);
        return;
    }
    for (int place = c->marks - 1; place >= 0; place--) {
        if (c->window[place].input != change.input || c->window[place].off != STILL_ACTIVE) continue;
        c->window[place].off = change.instant;
        c->open--;
        if (c->open > 0) {
            c->next_look = stall_look(c);
            return;
        }
        int64_t patience = c->window[0].on + c->patience;
        c->next_look = change.instant + QUIET > patience ? change.instant + QUIET : patience;
        return;
    }
    c->stalls[change.input] = INT64_MAX;
}

static void give(struct plain_beams *c, struct plain_change change, struct plain_passages *passages) {
    if (change.instant < c->decided_until) {
        c->tally.lost_edges++;
        return;
    }
    c->decided_until = change.instant;
    if (change.input == 0) {
        if (change.level) {
            if (c->occupied_since < 0) c->occupied_since = change.instant;
        } else if (c->occupied_since >= 0) {
            c->tally.occupied += change.instant - c->occupied_since;
            c->occupied_since = -1;
        }
    }
    int before = passages->count;
    take(c, change, passages);
    count_from(c, passages, before);
    watch_stall(c, change.instant);
}

static void release(struct plain_beams *c, int64_t now, struct plain_passages *passages) {
    int64_t limit = now - SLACK;
    for (int input = 0; input < 2; input++) {
        const struct plain_stable *filter = &c->lines[input].filter;
        if (!filter->is_settled && filter->onset < limit) limit = filter->onset;
    }
    while (c->waiting > 0 && (c->pending[c->head].instant <= limit || c->waiting == PLAIN_PENDING)) {
        struct plain_change first = c->pending[c->head];
        c->head = (c->head + 1) & (PLAIN_PENDING - 1);
        c->waiting--;
        give(c, first, passages);
    }
    if (c->next_look <= limit) {
        int before = passages->count;
        look(c, limit, passages);
        count_from(c, passages, before);
        watch_stall(c, limit);
    }
    c->next_release = c->next_look;
    if (c->waiting > 0 && c->pending[c->head].instant < c->next_release) c->next_release = c->pending[c->head].instant;
    if (c->next_release != INT64_MAX) c->next_release += SLACK;
}

static void mark_chatter(struct plain_beams *c, int64_t onset, int64_t end) {
    if (end - onset > CHATTER_LIMIT) mark_unobserved(c, onset, end);
}

/* Nobody saw the lines until `instant`: what they held before proves nothing. */
static void restart(struct plain_beams *c, int64_t since, int64_t instant, struct plain_passages *passages) {
    mark_unobserved(c, since, instant);
    while (c->waiting > 0) {
        struct plain_change first = c->pending[c->head];
        c->head = (c->head + 1) & (PLAIN_PENDING - 1);
        c->waiting--;
        give(c, first, passages);
    }
    c->marks = c->open = 0;
    c->next_look = INT64_MAX;
    c->next_release = INT64_MIN;
    c->decided_until = instant;
    for (int input = 0; input < 2; input++) {
        struct plain_stable *filter = &c->lines[input].filter;
        filter->accepted = filter->candidate = c->lines[input].level;
        filter->is_settled = true;
        c->stalls[input] = INT64_MAX;
    }
}

static inline void settle_line(struct plain_beams *c, int input, int64_t now) {
    struct plain_line *line = &c->lines[input];
    switch (settle(&line->filter, now)) {
    case nothing:
        return;
    case glitch:
        c->tally.rejected_glitches++;
        mark_chatter(c, line->filter.onset, line->last_instant);
        return;
    case transition:
        mark_chatter(c, line->filter.onset, line->last_instant);
        if (c->waiting == PLAIN_PENDING) return;
        int place = c->waiting++;
        while (place > 0 && c->pending[(c->head + place - 1) & (PLAIN_PENDING - 1)].instant > line->filter.onset) {
            c->pending[(c->head + place) & (PLAIN_PENDING - 1)] = c->pending[(c->head + place - 1) & (PLAIN_PENDING - 1)];
            place--;
        }
        c->pending[(c->head + place) & (PLAIN_PENDING - 1)] =
            (struct plain_change){line->filter.onset, (uint8_t)input, line->filter.accepted};
        if (line->filter.onset + SLACK < c->next_release) c->next_release = line->filter.onset + SLACK;
    }
}

int plain_beams_ingest(
    struct plain_beams *c, const struct plain_edge *edges, int count, int64_t boundary, struct plain_passages *passages) {
    c->boundary = boundary;
    for (int index = 0; index < count; index++) {
        struct plain_edge edge = edges[index];
        if (edge.instant >= boundary) return index;
        int input = edge.input & 1;
        struct plain_line *line = &c->lines[input];
        c->tally.edges++;
        uint32_t lost = observe(&line->lost, edge.level, edge.sequence);
        if (lost != 0) {
            c->tally.lost_edges += lost;
            line->level = !edge.level;
            restart(c, line->last_instant, edge.instant, passages);
        } else {
            settle_line(c, input, edge.instant);
        }
        change(&line->filter, edge.level, edge.instant);
        line->level = edge.level;
        line->last_instant = edge.instant;
        if (edge.instant >= c->next_release) release(c, edge.instant, passages);
    }
    return count;
}

void plain_beams_advance(struct plain_beams *c, int64_t now, struct plain_passages *passages) {
    settle_line(c, 0, now);
    settle_line(c, 1, now);
    release(c, now, passages);
}
