"""Register image of a BME280 with known values, and what they mean.

Temperature and pressure are the worked example of Bosch's BMP280 data sheet (section 3.12): 25.08 degrees and
100653 Pa; the BME280 has the same formulas. Humidity has coefficients of our own, H5 negative so that its sign
counts; what it means is computed here, in floating point after the BME280 data sheet's appendix, apart from the node.
"""

import struct

T = (27504, 26435, -1000)
P = (36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
H1, H2, H3, H4, H5, H6 = 75, 362, 0, 313, -50, 30
ADC_T, ADC_P, ADC_H = 519888, 415148, 30281


def image():
    """256 bytes: what stands in the registers after a measurement."""
    registers = bytearray(256)
    registers[0x88:0xA0] = struct.pack("<Hhh", *T) + struct.pack("<Hhhhhhhhh", *P)
    registers[0xA1] = H1
    registers[0xD0] = 0x60
    registers[0xE1:0xE4] = struct.pack("<hB", H2, H3)
    h4, h5 = H4 & 0xFFF, H5 & 0xFFF
    registers[0xE4:0xE7] = bytes([h4 >> 4, (h5 & 0xF) << 4 | h4 & 0xF, h5 >> 4])
    registers[0xE7] = H6 & 0xFF
    registers[0xF7:0xFF] = (
        (ADC_P << 4).to_bytes(3, "big") + (ADC_T << 4).to_bytes(3, "big") + ADC_H.to_bytes(2, "big"))
    return bytes(registers)


def values():
    """(degrees Celsius, percent relative humidity, pascal)."""
    x1 = (ADC_T / 16384 - T[0] / 1024) * T[1]
    x2 = (ADC_T / 131072 - T[0] / 8192) ** 2 * T[2]
    fine = x1 + x2

    offset = fine / 2 - 64000
    second = offset * offset * P[5] / 32768 + offset * P[4] * 2
    second = second / 4 + P[3] * 65536
    slope = (P[2] * offset * offset / 524288 + P[1] * offset) / 524288
    slope = (1 + slope / 32768) * P[0]
    pressure = (1048576 - ADC_P - second / 4096) * 6250 / slope
    pressure += (P[8] * pressure * pressure / 2147483648 + pressure * P[7] / 32768 + P[6]) / 16

    h = fine - 76800
    h = (ADC_H - (H4 * 64 + H5 / 16384 * h)) * (
        H2 / 65536 * (1 + H6 / 67108864 * h * (1 + H3 / 67108864 * h)))
    h *= 1 - H1 * h / 524288
    return fine / 5120, h, pressure
