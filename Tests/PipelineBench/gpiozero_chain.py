#!/usr/bin/env python3
"""What gpiozero from PyPI makes of edges, for comparison: from its pin to the user's callback, without any hardware."""
import pathlib
import subprocess
import sys
import tempfile

PULSES = 100_000

CHAIN = f"""
import time
import gpiozero
from gpiozero.pins.mock import MockFactory

gpiozero.Device.pin_factory = MockFactory()
counted = 0


def count():
    global counted
    counted += 1


device = gpiozero.DigitalInputDevice(17, pull_up=False)
device.when_activated = count
pin = gpiozero.Device.pin_factory.pin(17)
begin = time.thread_time()
for _ in range({PULSES}):
    pin.drive_high()
    pin.drive_low()
spent = time.thread_time() - begin
assert counted == {PULSES}, counted
print(f"gpiozero {{gpiozero.__version__ if hasattr(gpiozero, '__version__') else ''}}".strip()
      + f", its callback chain without a filter: {{2 * {PULSES} / spent / 1e6:.2f}}, {{2 * {PULSES}}} edges")
"""

with tempfile.TemporaryDirectory() as folder:
    environment = pathlib.Path(folder) / "venv"
    pip = [environment / "bin/pip", "install", "-q", "gpiozero"]
    if subprocess.call([sys.executable, "-m", "venv", environment]) or subprocess.call(
            pip, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        print("gpiozero could not be installed from PyPI")
        sys.exit(0)
    subprocess.run([environment / "bin/python", "-c", CHAIN], check=True)
