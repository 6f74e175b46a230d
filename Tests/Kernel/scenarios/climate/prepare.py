import sys

from bme280_image import image

with open(f"{sys.argv[1]}/bme280.image", "wb") as file:
    file.write(image())
