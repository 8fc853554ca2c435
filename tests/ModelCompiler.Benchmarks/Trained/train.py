#!/usr/bin/env python3
"""Trains the models beside this script, whose accuracy is compared in float32, in int8 and as the peer quantizes them.

    (cd ../../../samples/DigitClassifier/training && npm ci --ignore-scripts)    # the digits
    python3 train.py [name ...]    # Debian's python3-torch (1.13) and python3-sklearn

The digits are cut as the sample's are: this script trains on what the sample trains on, and its calibration.npz and evaluation.npz are the
sample's, which no model here has seen. The table (tabular.npz) is drawn from scikit-learn's make_classification and cut before training.
"""

import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "samples" / "DigitClassifier" / "training"))
import train as digits  # noqa: E402  (the sample's training script)

SEED = 20261122
BATCH = 100
FEATURES, LABELS = 32, 4
ROWS, CALIBRATION_ROWS, TRAINING_ROWS = 20200, 200, 10000  # the rest evaluates
STEPS = 256  # of a deviation, that a table's numbers are measured to: what is drawn at random would not compress


def small_cnn():
    """Two convolutions and two dense layers."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, 10))


class ResidualBlock(nn.Module):
    """relu(shortcut(x) + f(x)), two 3x3 convolutions in f."""

    def __init__(self, inputs, outputs):
        super().__init__()
        stride = 1 if inputs == outputs else 2
        self.first = digits.ConvNorm(inputs, outputs, 3, stride)
        self.second = digits.ConvNorm(outputs, outputs)
        self.shortcut = nn.Identity() if inputs == outputs else digits.ConvNorm(inputs, outputs, 1, stride)

    def forward(self, x):
        return functional.relu(self.shortcut(x) + self.second(functional.relu(self.first(x))))


def small_resnet():
    """He et al. 2016, three blocks."""
    return nn.Sequential(
        digits.ConvNorm(1, 16), nn.ReLU(), ResidualBlock(16, 16), ResidualBlock(16, 32), ResidualBlock(32, 64),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def norm_conv(inputs, outputs, kernel=1, stride=1, groups=1):
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]


class SqueezeExcite(nn.Module):
    """x times a gate per channel (Hu et al. 2018)."""

    def __init__(self, channels):
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, channels // 4, 1), nn.ReLU(), nn.Conv2d(channels // 4, channels, 1), nn.Hardsigmoid())

    def forward(self, x):
        return x * self.gate(x)


class InvertedResidual(nn.Module):
    """Expand, depthwise, squeeze-and-excite, project (Howard et al. 2019)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        wide = inputs * 4
        self.adds = inputs == outputs and stride == 1
        self.inner = nn.Sequential(
            *norm_conv(inputs, wide), nn.Hardswish(), *norm_conv(wide, wide, 3, stride, wide), nn.Hardswish(), SqueezeExcite(wide),
            *norm_conv(wide, outputs))

    def forward(self, x):
        return x + self.inner(x) if self.adds else self.inner(x)


def mobilenet_v3_like():
    sizes = [(16, 24, 2), (24, 24, 1), (24, 40, 2), (40, 40, 1), (40, 80, 2), (80, 80, 1)]
    blocks = [InvertedResidual(*size) for size in sizes]
    return nn.Sequential(
        *norm_conv(1, 16, 3), nn.Hardswish(), *blocks, *norm_conv(80, 160), nn.Hardswish(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(160, 10))


class EncoderLayer(nn.Module):
    """Attention and a feed-forward network, normalized before (Dosovitskiy et al. 2021); query, key and value are products of their own."""

    def __init__(self, size, heads):
        super().__init__()
        self.heads = heads
        self.before_attention, self.before_feed_forward = nn.LayerNorm(size), nn.LayerNorm(size)
        self.query, self.key, self.value, self.out = (nn.Linear(size, size) for _ in range(4))
        self.feed_forward = nn.Sequential(nn.Linear(size, 4 * size), nn.GELU(), nn.Linear(4 * size, size))

    def forward(self, x):
        tokens, size = x.shape[1], x.shape[2]
        y = self.before_attention(x)
        query, key, value = (
            product(y).reshape(-1, tokens, self.heads, size // self.heads).transpose(1, 2) for product in (self.query, self.key, self.value))
        weights = torch.softmax(query @ key.transpose(2, 3) * (size // self.heads) ** -0.5, dim=-1)
        x = x + self.out((weights @ value).transpose(1, 2).reshape(-1, tokens, size))
        return x + self.feed_forward(self.before_feed_forward(x))


class VisionTransformer(nn.Module):
    """49 patches of 4x4 pixels, four layers of 64."""

    def __init__(self, size=64, heads=4, layers=4):
        super().__init__()
        self.patches = nn.Conv2d(1, size, 4, 4)
        self.positions = nn.Parameter(torch.randn(1, 49, size) * 0.02)
        self.layers = nn.Sequential(*(EncoderLayer(size, heads) for _ in range(layers)))
        self.norm = nn.LayerNorm(size)
        self.head = nn.Linear(size, 10)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2) + self.positions
        return self.head(self.norm(self.layers(x)).mean(1))


def unbalanced_cnn():
    """Convolutions whose channels train_unbalanced then scales by factors from 0.001 to 1000."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64 * 9, 10))


def unbalance(model):
    """The same function: each channel times a factor, and the next layer's weights by its inverse (relu and max keep positive factors)."""
    layers = [layer for layer in model if isinstance(layer, nn.Conv2d)]
    with torch.no_grad():
        for first, second in zip(layers, layers[1:]):
            factors = torch.tensor([10.0 ** (c % 7 - 3) for c in range(first.out_channels)])
            first.weight *= factors[:, None, None, None]
            first.bias *= factors
            second.weight /= factors[None, :, None, None]


def tabular_mlp():
    """Numbers of a table, standardized."""
    return nn.Sequential(nn.Linear(FEATURES, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, LABELS))


def fit(model, inputs, labels, augment, epochs, rate=2e-3):
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.02)
    steps = len(inputs) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * steps)
    model.train()
    for epoch in range(epochs):
        for batch in torch.randperm(len(inputs))[: steps * BATCH].split(BATCH):
            loss = functional.cross_entropy(model(augment(inputs[batch])), labels[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"  epoch {epoch + 1}/{epochs}  loss {loss.item():.4f}", flush=True)
    model.eval()


def export(name, model, example, opset):
    torch.onnx.export(
        model, example, str(HERE / f"{name}.onnx"), opset_version=opset, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
        input_names=["input"], output_names=["logits"], dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}})


def train_digits(name, build, opset, epochs):
    torch.manual_seed(SEED)
    images, labels = digits.load_digits()
    held_out, _, training = digits.split(labels, np.random.default_rng(digits.SEED))
    images, labels = torch.from_numpy(images), torch.from_numpy(labels)
    model = build()
    fit(model, images[training], labels[training], digits.augment, epochs)
    if name == "unbalanced-cnn":
        unbalance(model)
    export(name, model, torch.zeros(1, 1, 28, 28), opset)
    print(f"{name}: held-out accuracy {digits.accuracy(model, images[held_out], labels[held_out]):.2%}", flush=True)


def train_table(name, build, opset, epochs):
    from sklearn.datasets import make_classification

    torch.manual_seed(SEED)
    features, labels = make_classification(
        n_samples=ROWS, n_features=FEATURES, n_informative=20, n_redundant=6, n_classes=LABELS, n_clusters_per_class=3, class_sep=2.0, random_state=SEED)
    features, labels = features.astype(np.float32), labels.astype(np.int64)
    features = (features - features[:TRAINING_ROWS].mean(0)) / features[:TRAINING_ROWS].std(0)
    features = (np.rint(features * STEPS) / STEPS).astype(np.float32)
    held_out = TRAINING_ROWS + CALIBRATION_ROWS
    np.savez_compressed(HERE / "tabular-calibration.npz", input=features[TRAINING_ROWS:held_out])
    np.savez_compressed(HERE / "tabular-evaluation.npz", input=features[held_out:], labels=labels[held_out:])
    features, labels = torch.from_numpy(features), torch.from_numpy(labels)
    model = build()
    fit(model, features[:TRAINING_ROWS], labels[:TRAINING_ROWS], lambda batch: batch, epochs)
    export(name, model, torch.zeros(1, FEATURES), opset)
    print(f"{name}: held-out accuracy {digits.accuracy(model, features[held_out:], labels[held_out:]):.2%}", flush=True)


MODELS = {
    "small-cnn": (train_digits, small_cnn, 13, 6),
    "small-resnet": (train_digits, small_resnet, 13, 6),
    "mobilenet-v3-like": (train_digits, mobilenet_v3_like, 14, 8),
    "small-vit": (train_digits, VisionTransformer, 17, 15),
    "unbalanced-cnn": (train_digits, unbalanced_cnn, 13, 6),
    "tabular-mlp": (train_table, tabular_mlp, 13, 12),
}


def main():
    torch.set_num_threads(1)  # part of the seed: the order of summation depends on it
    for name in sys.argv[1:] or MODELS:
        train, build, opset, epochs = MODELS[name]
        train(name, build, opset, epochs)


if __name__ == "__main__":
    main()
