"""Makes pictures/astronaut.ppm of skimage's astronaut.png (Eileen Collins, by NASA, in the public domain). Needs Pillow.

Usage: crop_picture.py path/to/astronaut.png
"""
import pathlib
import sys

from PIL import Image

picture = Image.open(sys.argv[1]).convert("RGB").crop((0, 0, 512, 400)).resize((256, 200), Image.LANCZOS)
picture.save(pathlib.Path(__file__).parent.parent / "pictures" / "astronaut.ppm")
