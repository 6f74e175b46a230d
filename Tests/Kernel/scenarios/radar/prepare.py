"""The pulses of a radar with two outputs before which somebody passes, straight from the geometry: SHARE/pulses has a line
"MICROSECONDS OUTPUT LEVEL" for each edge. Where nobody is heard the comparator gives random pulses."""

import math
import random
import sys

CARRIER, LANE, HEIGHT = 10.525e9, 4.0, 2.0
TURNS_PER_METRE = 2 * CARRIER / 299_792_458
# When abreast in s, in m/s, who comes, heard from here to there in m along the road: a bicycle's echo is soon lost, a car's is not.
PASSES = [(3.5, 5.0, True, 1.0, 11.0), (8.0, 9.0, True, 1.0, 28.0), (11.0, 4.6, False, 1.0, 11.0), (16.0, 11.0, False, 1.0, 28.0)]
LENGTH = 20.0


def heard(time):
    """The phase in turns at a moment, None where nobody is heard."""
    for abreast, speed, is_coming, near, far in PASSES:
        along = speed * (time - abreast)
        if near <= (-along if is_coming else along) <= far:
            return -math.sqrt(along * along + LANE * LANE + HEIGHT * HEIGHT) * TURNS_PER_METRE
    return None


def main(path):
    noise = random.Random(20261125)
    step = 20e-6
    levels = [0, 0]
    next_noise = [noise.expovariate(150) for _ in levels]
    with open(path, "w") as out:
        for tick in range(int(LENGTH / step)):
            time = tick * step
            turns = heard(time)
            for output in (0, 1):
                if turns is not None:
                    # The first runs a quarter ahead of the second.
                    level = 1 if (turns - 0.25 * output) % 1 < 0.5 else 0
                elif time >= next_noise[output]:
                    level = 1 - levels[output]
                else:
                    continue
                if time >= next_noise[output]:
                    next_noise[output] = time + noise.expovariate(150)
                if level != levels[output]:
                    levels[output] = level
                    out.write(f"{tick * 20} {output} {level}\n")


main(f"{sys.argv[1]}/pulses")
