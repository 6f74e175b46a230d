import sys

from bme280_image import values
from ledger import Checks, check_account, read_messages, read_text, records

# What the emulated SHT4x is set to.
EMULATED = {"temperature": 21.5, "humidity": 47.0}

out = sys.argv[1]
checks = Checks("climate")
messages = read_messages(f"{out}/messages")
check_account(checks, messages)
air = records(messages, "climate/air")
air2 = records(messages, "climate/air2")


def quantity(message, name):
    return next((q for q in message.body["quantities"] if q["quantity"] == name), None)


def means(series, name):
    return [(quantity(m, name) or {}).get("mean") for m in series]


temperature, humidity, pressure = values()
checks.close("independent formula, documented temperature", temperature, 25.08, 0.005)
checks.close("independent formula, documented pressure", pressure, 100653, 0.5)
for name, unit, expected, tolerance in (
    ("temperature", "Cel", temperature, 0.01), ("humidity", "%RH", humidity, 0.02), ("pressure", "Pa", pressure, 1.0)):
    found = means(air, name)
    checks.none_of(
        f"BME280 {name} in every interval, {expected:.2f} {unit}",
        [v for v in found if v is None or abs(v - expected) > tolerance], len(found))
    units = sorted({(quantity(m, name) or {}).get("unit") for m in air})
    checks.equal(f"BME280 {name}, unit", units, [unit])
checks.equal("BME280, quantities", [q["quantity"] for q in air[0].body["quantities"]] if air else None,
             ["temperature", "humidity", "pressure", "dew_point"])
errors = [m.body["errors"] for m in air]
refused = sum(e.get("nack", 0) for e in errors)
checks.within("BME280, refused transfers show as errors", refused, 1, 2)
checks.equal("BME280, no other errors", sorted({kind for e in errors for kind in e}), ["nack"])

# The emulated part: values, none while unplugged, values again. The intervals at the turns hold both.
whole = [i for i, m in enumerate(air2) if not m.body["errors"]]
gone = [i for i, m in enumerate(air2) if quantity(m, "temperature")["mean"] is None]
checks.that("SHT4x, intervals without a value while unplugged", len(gone) >= 2, len(gone), "at least 2")
checks.none_of(
    "SHT4x, each of them has no number at all and counts NACKs",
    [air2[i].text for i in gone
     if any(q["mean"] is not None or q.get("n") for q in air2[i].body["quantities"])
     or air2[i].body["errors"].get("nack", 0) < 1], len(gone))
before = [i for i in whole if gone and i < gone[0]]
after = [i for i in whole if gone and i > gone[-1]]
checks.that("SHT4x, clean intervals before", len(before) >= 2, len(before), "at least 2")
checks.that("SHT4x, clean intervals after it came back by itself", len(after) >= 1, len(after), "at least 1")
for name, expected in EMULATED.items():
    found = [means(air2, name)[i] for i in before + after]
    checks.none_of(
        f"SHT4x {name} before and after, {expected}",
        [v for v in found if v is None or abs(v - expected) > 0.02], len(found))
# Many words with a CRC each: nothing until the fan has run for 30 s, then what the air has.
dust = records(messages, "climate/dust")
found = means(dust, "pm2_5")
checks.that("SPS30, values after the start-up", found.count(12.5) >= 2, found, "at least 2 of 12.5")
checks.none_of("SPS30, nothing else", [v for v in found if v not in (None, 12.5)], len(found))
checks.equal("SPS30, errors", sorted({kind for m in dust for kind in m.body["errors"]}), [])
# One address behind two channels.
for name, expected in (("warm", 7.25), ("cold", -7.25)):
    found = means(records(messages, f"climate/{name}"), "temperature")
    checks.that(f"TMP117 {name}, intervals", len(found) >= 10, len(found), "at least 10")
    # The first interval is a short one, and may end before its first reading does.
    checks.none_of(f"TMP117 {name} is {expected} in every interval", [v for v in found[1:] if v != expected], len(found))
scan = read_text(f"{out}/scan")
for line in ("part: sht40, bus: i2c-9, address: 0x44", "part: sps30, bus: i2c-9, address: 0x69", "0x70: tca9548a, possible"):
    checks.that(f"scan says '{line}'", line in scan, scan, line)
checks.equal("exit code", read_text(f"{out}/node-exit").strip(), "0")
checks.finish()
