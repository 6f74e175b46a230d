"""Runs drivers of other people on bytes, and writes bytes and results as IndependentTables.swift.

How the committed table was made, on 2026-11-25 with Python 3.11:

    python3 -m venv venv
    venv/bin/pip install adafruit-circuitpython-tmp117==2.0.0 adafruit-circuitpython-bh1750==1.1.19 \
        adafruit-circuitpython-ina219==3.5.2 adafruit-circuitpython-ds3231==2.4.28 bme680==2.0.0 \
        sensirion-i2c-scd4x==1.1.0 sensirion-i2c-sps30==1.0.0 sensirion-i2c-sht==0.4.0 sparkfun-qwiic-tmp102==2.0.0
    venv/bin/python parts.py > ../IndependentTables.swift

The bytes are drawn from a fixed seed. Nothing of reallabor-node takes part.
"""

import random
import struct
import time
import warnings

warnings.simplefilter("ignore")
time.sleep = lambda seconds: None

import adafruit_bh1750
import adafruit_ds3231
import adafruit_ina219
import adafruit_tmp117
import bme680
import qwiic_tmp102
from sensirion_i2c_driver import CrcCalculator
from sensirion_i2c_scd4x.commands import ReadMeasurementRaw
from sensirion_i2c_scd4x.result_types import SignalCo2Concentration, SignalRelativeHumidity, SignalTemperature
from sensirion_i2c_sht.sht3x.commands import Sht3xI2cCmdMeasHighRes
from sensirion_i2c_sps30.commands import ReadMeasurementValuesFloat

draw = random.Random(20261125)
crc = CrcCalculator(8, 0x31, 0xFF, 0x00)


class FakeBus:
    """A CircuitPython bus with one part: `answer(written, count)` gives the bytes of a read."""

    def __init__(self, answer):
        self.answer, self.written = answer, b""

    def try_lock(self):
        return True

    def unlock(self):
        pass

    def writeto(self, address, buffer, *, start=0, end=None):
        self.written = bytes(buffer[start:end])

    def readfrom_into(self, address, buffer, *, start=0, end=None):
        end = len(buffer) if end is None else end
        buffer[start:end] = self.answer(self.written, end - start)

    def writeto_then_readfrom(self, address, out, buffer, *, out_start=0, out_end=None, in_start=0, in_end=None):
        self.writeto(address, out, start=out_start, end=out_end)
        self.readfrom_into(address, buffer, start=in_start, end=in_end)


class FakeSMBus:
    def __init__(self, memory):
        self.memory = memory

    def read_byte_data(self, address, register):
        return self.memory.get(register, 0)

    def read_i2c_block_data(self, address, register, count):
        return [self.memory.get(register + offset, 0) for offset in range(count)]

    def write_byte_data(self, address, register, value):
        if 0x70 <= register <= 0x75 or register in (0x5A, 0x64):
            self.memory[register] = value

    write_i2c_block_data = write_byte_data


def words(values):
    out = b""
    for value in values:
        pair = struct.pack(">H", value)
        out += pair + bytes([crc(pair)])
    return out


def without_crc(frame):
    return b"".join(frame[index : index + 2] for index in range(0, len(frame), 3))


def tmp117(word):
    registers = {0x00: word, 0x01: 0x2220, 0x0F: 0x0117}
    part = adafruit_tmp117.TMP117(FakeBus(lambda written, n: struct.pack(">H", registers.get(written[0], 0))[:n]))
    return '{"responses": {"00": ["%04x"]}}' % word, [part.temperature]


def tmp102(word):
    class Bus:
        def writeCommand(self, address, register):
            assert register == 0

        def readBlock(self, address, register, count):
            return struct.pack(">H", word)[:count]

    return '{"responses": {"00": ["%04x"]}}' % word, [qwiic_tmp102.QwiicTmp102Sensor(0x48, Bus()).read_temp_c()]


def bh1750(word):
    part = adafruit_bh1750.BH1750(FakeBus(lambda written, n: struct.pack(">H", word)[:n]))
    part.resolution = adafruit_bh1750.Resolution.MID
    return '{"responses": {"20": ["%04x"]}}' % word, [part.lux]


def ina219(bus, shunt):
    registers = {0x01: shunt, 0x02: bus}
    part = adafruit_ina219.INA219(FakeBus(lambda written, n: struct.pack(">H", registers.get(written[0], 0))[:n]))
    voltage, current = part.bus_voltage, part.shunt_voltage / 0.1
    return '{"responses": {"02": ["%04x"], "01": ["%04x"]}}' % (bus, shunt), [voltage, current, voltage * current]


def ds3231(word):
    memory = bytes([0x56, 0x34, 0x12, 2, 0x21, 7, 0x26] + [0] * 7 + [0x1C, 0x88, 0]) + struct.pack(">H", word)

    def answer(written, count):
        return memory[written[0] : written[0] + count]

    part = adafruit_ds3231.DS3231(FakeBus(answer))
    return '{"memory": {"00": "%s"}}' % memory.hex(), [part.temperature]


def sht3x(temperature, humidity):
    frame = words([temperature, humidity])
    t, h = Sht3xI2cCmdMeasHighRes().interpret_response(frame)
    return '{"responses": {"2400": ["%s"]}}' % frame.hex(), [t.degrees_celsius, h.percent_rh]


def scd4x(co2, temperature, humidity):
    frame = words([co2, temperature, humidity])
    c, t, h = ReadMeasurementRaw.rx.unpack(without_crc(frame))
    return '{"responses": {"ec05": ["%s"]}}' % frame.hex(), [
        SignalCo2Concentration(c).value, SignalTemperature(t).value, SignalRelativeHumidity(h).value]


def sps30(values):
    raw = b"".join(struct.pack(">f", value) for value in values)
    frame = words(struct.unpack(">20H", raw))
    found = ReadMeasurementValuesFloat.rx.unpack(without_crc(frame))
    return '{"responses": {"0300": ["%s"]}}' % frame.hex(), [found[0], found[1], found[2], found[3]]


def real_bme680(t, p, h, gas, gas_range, trimming):
    memory = {0xD0: 0x61, 0xF0: 0x00, 0x1D: 0x80}
    for start, block in trimming.items():
        memory.update({start + offset: byte for offset, byte in enumerate(block)})
    data = bytes([p >> 12, p >> 4 & 0xFF, p << 4 & 0xF0, t >> 12, t >> 4 & 0xFF, t << 4 & 0xF0, h >> 8, h & 0xFF])
    gas_bytes = bytes([gas >> 2, (gas & 3) << 6 | 0x30 | gas_range])
    memory.update({0x1F + offset: byte for offset, byte in enumerate(data)})
    memory.update({0x2A: gas_bytes[0], 0x2B: gas_bytes[1]})
    part = bme680.BME680(i2c_device=FakeSMBus(dict(memory)))
    assert part.get_sensor_data()
    blocks = {**{start: block.hex() for start, block in trimming.items()}, 0x1F: data.hex(), 0x2A: gas_bytes.hex()}
    text = ", ".join('"%02x": "%s"' % item for item in blocks.items())
    return '{"memory": {%s}}' % text, [
        part.data.temperature, part.data.humidity, part.data.pressure * 100, part.data.gas_resistance]


def trimming(t1=26041, t2=26469, t3=3, p=(36673, -10515, 88, 7310, -129, 46, 30, -3177, -2379, 30), h1=835, h2=988,
             h=(0, 45, 20, 120, -100), g=(-5969, -30, 18), heater=(50, 1, -1)):
    first = struct.pack("<xhbxHhbxhhbbxxhhBx", t2, t3, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9])
    second = bytes([h2 >> 4, (h2 & 15) << 4 | h1 & 15, h1 >> 4]) + struct.pack("<bbbBbH", *h, t1) + struct.pack("<hbb", *g)
    third = struct.pack("<bxBxB", heater[0], heater[1] << 4, (heater[2] & 15) << 4)
    assert (len(first), len(second), len(third)) == (25, 14, 5), (len(first), len(second), len(third))
    return {0x89: first, 0xE1: second, 0x00: third}


rows = []


def add(part, result):
    recording, values = result
    assert all(isinstance(value, (int, float)) for value in values)
    rows.append((part, recording, values))


for word in [0x0C80, 0xE480, 0x4B00, 0x0000, 0x0001, 0xFFFF, 0xF380] + [draw.randrange(0x10000 - 7040, 0x10000) for _ in range(3)]:
    add("tmp117", tmp117(word))
for word in [0x8390, 1, 0xFFFE] + [draw.randrange(1, 0xFFFF) for _ in range(4)]:
    add("bh1750", bh1750(word))
for bus, shunt in [(0x5D9A, 0x07D0), (0x0002, 0xFFFF), (0xFA02, 0x8300 + 1)] + [
        (draw.randrange(8000) << 3 | 2, draw.randrange(-31999, 31999) & 0xFFFF) for _ in range(5)]:
    add("ina219", ina219(bus, shunt))
for word in [0x1940, 0x0000, 0xFF40, 0xE700] + [(draw.randrange(-160, 340) & 0x3FF) << 6 for _ in range(4)]:
    add("ds3231", ds3231(word))
for _ in range(6):
    add("sht31", sht3x(draw.randrange(0x0800, 0xF000), draw.randrange(0x10000)))
for values in [(0x01F4, 0x6667, 0x5EB9)] + [
        (draw.randrange(1, 5000), draw.randrange(0x3400, 0x9700), draw.randrange(0x10000)) for _ in range(5)]:
    add("scd41", scd4x(*values))
for _ in range(5):
    # Masses and numbers each grow with the size up to which they count.
    drawn = [draw.uniform(0, 999) for _ in range(10)]
    add("sps30", sps30(sorted(drawn[:4]) + sorted(drawn[4:9]) + drawn[9:]))
# This driver takes the range error's four bits for unsigned, the maker's C driver for signed: so none below 0 here.
for _ in range(8):
    other = trimming(
        t1=draw.randrange(25500, 26500), t2=draw.randrange(26000, 27000), t3=draw.randrange(-8, 8),
        p=(draw.randrange(35500, 37500), draw.randrange(-10800, -10000), draw.randrange(80, 90), draw.randrange(6000, 9000),
           draw.randrange(-200, 0), draw.randrange(20, 50), draw.randrange(20, 40), draw.randrange(-3500, 0),
           draw.randrange(-3000, 0), draw.randrange(20, 40)),
        h1=draw.randrange(700, 900), h2=draw.randrange(950, 1050), h=(draw.randrange(-5, 5), 45, 20, 120, -100),
        heater=(draw.randrange(20, 60), draw.randrange(4), draw.randrange(0, 8)))
    add("bme680", real_bme680(
        draw.randrange(450000, 520000), draw.randrange(320000, 400000), draw.randrange(17000, 27000),
        draw.randrange(100, 1000), draw.randrange(16), other))
# This driver takes what is below 0 for more than 3800 degrees: so only the datasheet's own examples are for those.
for word in [0x0000, 0x0010, 0x0040, 0x1900, 0x3200, 0x4B00, 0x6400, 0x7D00]:
    add("tmp102", tmp102(word))

print("// Made by independent/parts.py, which says how. Do not edit.\n")
print("/// What drivers of other people make of the same bytes: part, a recording, its values in the part's order.")
print("let independentTables: [(part: String, recording: String, values: [Double])] = [")
for part, recording, values in rows:
    quoted = recording.replace("\\", "\\\\").replace('"', '\\"')
    print('    (\n        "%s",\n        "%s",\n        %s\n    ),' % (part, quoted, "[" + ", ".join(repr(float(v)) for v in values) + "]"))
print("]")
