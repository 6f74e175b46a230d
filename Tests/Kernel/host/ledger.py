"""What the checks of all scenarios share: the account of checks, and the node's messages as they were collected."""

import json
import os
import re
import sys


class Checks:
    """Prints one line per check and, by `finish`, ends the process: 0 when all passed, 1 otherwise."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.passed = 0
        self.failed = 0

    def that(self, what, holds, found, expected):
        if holds:
            self.passed += 1
            print(f"ok   {self.scenario}: {what}: {found}")
        else:
            self.failed += 1
            print(f"FAIL {self.scenario}: {what}: expected {expected}, found {found}")

    def equal(self, what, found, expected):
        self.that(what, found == expected, found, expected)

    def close(self, what, found, expected, tolerance):
        holds = found is not None and abs(found - expected) <= tolerance
        self.that(what, holds, found, f"{expected} ± {tolerance}")

    def within(self, what, found, low, high):
        self.that(what, low <= found <= high, found, f"{low} to {high}")

    def none_of(self, what, offenders, total):
        """Every one of `total` things is right; `offenders` are those that are not. No things at all is wrong too."""
        found = f"{total} of {total} right" if total and not offenders else (
            f"{len(offenders)} of {total} wrong: " + "; ".join(str(o) for o in offenders[:3]))
        self.that(what, total > 0 and not offenders, found, "at least one, and all right")

    def finish(self):
        sys.stdout.flush()
        os._exit(1 if self.failed or not self.passed else 0)


class Message:
    """One line the collector wrote: RETAINED TOPIC PAYLOAD."""

    def __init__(self, line):
        retained, self.topic, self.text = line.split(" ", 2)
        self.retained = retained == "1"
        self.sub = self.topic.removeprefix("reallabor/lab-1/")
        self.kind = self.sub.split("/")[0]
        self.body = json.loads(self.text)

    @property
    def sequence(self):
        return self.body.get("sequence")


LINE = re.compile(r"(?:ARRIVED )?([01] reallabor/lab-1/\S+ \{.*\})$")


def messages_of(text):
    """The messages in the order of arrival; a line that is none (a mark of the guest, a torn end) is left out."""
    messages = []
    for line in text.splitlines():
        match = LINE.match(line)
        if not match:
            continue
        try:
            messages.append(Message(match.group(1)))
        except json.JSONDecodeError:
            continue
    return messages


def read_messages(path):
    return messages_of(read_text(path))


def records(messages, sub=None):
    """Journalled records by sequence, each once, ascending; of one sub-topic ("traffic/reed") if given."""
    first = {}
    for message in messages:
        if message.sequence is not None and message.kind != "status":
            first.setdefault(message.sequence, message)
    return [m for _, m in sorted(first.items()) if sub is None or m.sub == sub]


def states(messages):
    return [m.body["state"] for m in messages if m.kind == "status"]


def check_account(checks, messages):
    """What holds for every journal: one epoch, no gap, a repeated sequence repeats its content."""
    journalled = [m for m in messages if m.sequence is not None and m.kind != "status"]
    epochs = sorted({m.body["epoch"] for m in journalled})
    checks.that("journal epochs", len(epochs) == 1, len(epochs), 1)
    found = {m.sequence for m in journalled}
    top = max(found, default=0)
    missing = sorted(set(range(1, top + 1)) - found)
    checks.that(
        "every sequence number arrived", top > 0 and not missing, f"1 to {top}" if not missing else f"missing {missing[:8]} of {top}",
        "no gap from 1 on")
    texts = {}
    for m in journalled:
        # What was sent while it was new may come again as a part of the backlog, and says so.
        text = m.text.replace('"historical":true', '"historical":false', 1)
        texts.setdefault((m.body["epoch"], m.sequence), set()).add((m.topic, text))
    changed = [key for key, variants in texts.items() if len(variants) > 1]
    checks.none_of("a sequence number stands for one record", changed, len(texts))


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def read_text(path, absent=""):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return absent


def check_train(checks, out, closures=None):
    """The lab's own part: the contact really played what it should; `closures` where it is known beforehand. Returns
    the train's account."""
    train = read_json(f"{out}/train.json")
    if closures is not None:
        checks.equal("closures played", train["closures"], closures)
    # 6200 are meant. The player shares its processor with the node and may be held up: a burst is then longer, and what the filter
    # depends on are its gaps and the rest after it.
    checks.that("longest burst played (us)", train["longest_burst_us"] >= 6000, train["longest_burst_us"], "at least 6000")
    checks.that("longest gap within a burst (us)", train["longest_gap_us"] < 8000, train["longest_gap_us"], "below 8000")
    checks.that("shortest rest (us)", train["shortest_rest_us"] > 12000, train["shortest_rest_us"], "above 12000")
    return train
