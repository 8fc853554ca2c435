#!/usr/bin/env python3
"""Draws icon.png, the picture of the packages: a graph of four nodes on a rounded square. Run it where the icon is to change."""
import struct
import zlib
from pathlib import Path

SIZE, SAMPLES = 128, 3
BACKGROUND, LINE, NODE = (36, 41, 66), (140, 150, 255), (255, 255, 255)
NODES = [(32, 36), (32, 92), (68, 64), (100, 64)]
EDGES = [(0, 2), (1, 2), (2, 3)]


def distance(x, y, a, b):
    """From a point to a segment."""
    (ax, ay), (bx, by) = a, b
    length = (bx - ax) ** 2 + (by - ay) ** 2
    t = max(0, min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
    return ((x - ax - t * (bx - ax)) ** 2 + (y - ay - t * (by - ay)) ** 2) ** 0.5


def color(x, y):
    corner = 24
    dx, dy = max(corner - x, x - (SIZE - corner), 0), max(corner - y, y - (SIZE - corner), 0)
    if dx * dx + dy * dy > corner * corner:
        return (0, 0, 0, 0)
    if any((x - nx) ** 2 + (y - ny) ** 2 < 13 ** 2 for nx, ny in NODES):
        return (*NODE, 255)
    if any(distance(x, y, NODES[a], NODES[b]) < 4 for a, b in EDGES):
        return (*LINE, 255)
    return (*BACKGROUND, 255)


def pixel(x, y):
    parts = [color(x + (i + 0.5) / SAMPLES, y + (j + 0.5) / SAMPLES) for i in range(SAMPLES) for j in range(SAMPLES)]
    return bytes(sum(part[c] for part in parts) // len(parts) for c in range(4))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(SIZE)) for y in range(SIZE))
header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
Path(__file__).with_name("icon.png").write_bytes(png)
