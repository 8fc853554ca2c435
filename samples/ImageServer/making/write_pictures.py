"""Writes pictures/*.png: held-out digits of DigitClassifier as ink on ruled paper, enlarged eightfold."""
import ast
import os
import struct
import zipfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
ARCHIVE = zipfile.ZipFile(os.path.join(HERE, "../../DigitClassifier/data/evaluation.npz"))
SIDE, SCALE, LEFT, TOP, WIDTH, HEIGHT = 28, 8, 60, 8, 300, 240
PAPER, RULE, INK = (246, 243, 235), (222, 228, 236), (28, 36, 84)


def load(name):
    data = ARCHIVE.read(name + ".npy")
    length = struct.unpack("<H", data[8:10])[0]
    return ast.literal_eval(data[10:10 + length].decode())["shape"], data[10 + length:]


def write_png(path, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 9)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


def row(digit, y):
    def ink(column, line):
        return digit[SIDE * line + column] if 0 <= column < SIDE and 0 <= line < SIDE else 0

    v = (y - TOP + .5) / SCALE - .5
    for x in range(WIDTH):
        u = (x - LEFT + .5) / SCALE - .5
        i, j = int(u // 1), int(v // 1)
        upper, lower = (ink(i, j + k) * (1 - u + i) + ink(i + 1, j + k) * (u - i) for k in (0, 1))
        share = upper * (1 - v + j) + lower * (v - j)
        yield from (int(a + (b - a) * share + .5) for a, b in zip(RULE if y % 40 == 20 else PAPER, INK))


(count,), label_bytes = load("labels")
labels = struct.unpack(f"<{count}q", label_bytes)
_, pixel_bytes = load("input")
for name, digit in (("five", 5), ("seven", 7)):
    index = [i for i, label in enumerate(labels) if label == digit][3]
    elements = struct.unpack_from(f"<{SIDE * SIDE}f", pixel_bytes, 4 * SIDE * SIDE * index)
    write_png(os.path.join(HERE, f"../pictures/{name}.png"), [list(row(elements, y)) for y in range(HEIGHT)])
