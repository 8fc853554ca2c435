"""Renders lines/*.pgm, a line of text each. Needs Pillow and Debian's fonts-dejavu-core."""
import pathlib

from PIL import Image, ImageDraw, ImageFont

FONTS = pathlib.Path("/usr/share/fonts/truetype/dejavu")
LINES = [
    ("invoice", "DejaVuSans.ttf", 32, "Invoice 2025-1187"),
    ("greeting", "DejaVuSerif.ttf", 28, "Hello from the model compiler"),
    ("total", "DejaVuSansMono.ttf", 40, "Total: 1,249.50 EUR"),
    ("short", "DejaVuSans-Bold.ttf", 24, "OK"),
]

for name, font_file, size, text in LINES:
    font = ImageFont.truetype(str(FONTS / font_file), size)
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("L", (right - left + size, bottom - top + size // 2), 255)
    ImageDraw.Draw(image).text((size // 2 - left, size // 4 - top), text, font=font, fill=0)
    image.save(pathlib.Path(__file__).parent.parent / "lines" / f"{name}.pgm")
