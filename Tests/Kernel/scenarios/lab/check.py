import sys

from ledger import Checks, check_train, read_json, read_messages, read_text

out = sys.argv[1]
checks = Checks("lab")

train = check_train(checks, out, 100)
counted = read_json(f"{out}/count.json")
checks.equal("closures read straight from the kernel", counted["closures"], 100)
checks.equal("edges read straight from the kernel", counted["edges"], train["edges"])
checks.equal("edges lost", counted["lost"], 0)

registers = dict(line.split(" ", 1) for line in read_text(f"{out}/registers").splitlines())
checks.equal("register bus, values in a row", registers.get("row"), "0xaa 0xbb")
checks.equal("register bus, pairs", registers.get("pairs"), "0x01 0x02")
checks.equal("register bus, another address", registers.get("other"), "0x00")
checks.equal("register bus, a transfer refused", registers.get("refused"), "No such device or address")
checks.equal("register bus, the next one not", registers.get("again"), "0xaa")


def probe(name):
    lines = [line.split(" ", 1) for line in read_text(f"{out}/{name}").splitlines()]
    return {line[0]: line[1] if len(line) > 1 else "" for line in lines}


def crc(data):
    """CRC-8 of Sensirion's data sheets: polynomial 0x31, begins with 0xff."""
    value = 0xFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ (0x31 if value & 0x80 else 0)) & 0xFF
    return value


for name in ("probe-0", "probe-9", "probe-9-again"):
    found = probe(name)
    checks.equal(f"{name}, functionality", found.get("functionality"), "i2c")
    checks.equal(f"{name}, I2C_TIMEOUT accepted", found.get("timeout"), "")
    checks.equal(f"{name}, nobody at 0x11 (ENXIO)", found.get("nobody"), "errno 6")
    if name == "probe-0":
        checks.equal(f"{name}, plain write and read", found.get("plain"), "aa bb")
        checks.equal(f"{name}, I2C_RDWR", found.get("transfer"), "aa bb")
        continue
    for way in ("plain", "transfer"):
        try:
            frame = bytes.fromhex(found.get(way, ""))
        except ValueError:  # the probe said "errno N"
            frame = b""
        intact = len(frame) == 6 and crc(frame[0:2]) == frame[2] and crc(frame[3:5]) == frame[5]
        checks.that(f"{name}, serial number by {way}", intact, found.get(way), "two words with their CRC")
gone = probe("probe-9-unplugged")
checks.equal("unplugged, plain", gone.get("plain"), "errno 6")
checks.equal("unplugged, I2C_RDWR", gone.get("transfer"), "errno 6")

notes = [m.body["n"] for m in read_messages(f"{out}/messages")]
checks.equal("notes collected over the broker's end", notes, [1, 2])
checks.finish()
