"""Exports the small models beside this script: architectures as PyTorch writes them, with random weights.

Run by hand with Debian's python3-torch (1.13): python3 make.py
"""
import math
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Models")


def export(name, model, inputs, input_names, output_names, dynamic=None, opset=13, script=False):
    model.eval()
    # Without training mode the exporter folds batch normalizations itself; they are left for the compiler.
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 1.5)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.uniform_(-0.5, 0.5)
    torch.onnx.export(
        torch.jit.script(model) if script else model, inputs, os.path.join(folder, name + ".onnx"), input_names=input_names,
        output_names=output_names, dynamic_axes=dynamic, opset_version=opset, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)


def conv(i, o, k=3, s=1, g=1, act=nn.ReLU):
    layers = [nn.Conv2d(i, o, k, s, k // 2, groups=g, bias=False), nn.BatchNorm2d(o)]
    return nn.Sequential(*layers, act()) if act else nn.Sequential(*layers)


class Residual(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        self.body = nn.Sequential(conv(i, o, 3, s), conv(o, o, act=None))
        self.skip = conv(i, o, 1, s, act=None) if s > 1 or i != o else nn.Identity()

    def forward(self, x):
        return F.relu(self.body(x) + self.skip(x))


def resnet():
    return nn.Sequential(conv(3, 8, 7, 2), nn.MaxPool2d(3, 2, 1), Residual(8, 8, 1), Residual(8, 16, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))


class SqueezeExcite(nn.Module):
    def __init__(self, c, gate, act):
        super().__init__()
        self.down, self.up, self.gate, self.act = nn.Conv2d(c, c // 4, 1), nn.Conv2d(c // 4, c, 1), gate(), act()

    def forward(self, x):
        return x * self.gate(self.up(self.act(self.down(x.mean((2, 3), keepdim=True)))))


class Inverted(nn.Module):
    def __init__(self, i, o, s, act, gate, inner=nn.ReLU):
        super().__init__()
        h = i * 4
        self.body = nn.Sequential(conv(i, h, 1, act=act), conv(h, h, 3, s, h, act), SqueezeExcite(h, gate, inner), conv(h, o, 1, act=None))
        self.is_residual = s == 1 and i == o

    def forward(self, x):
        y = self.body(x)
        return x + y if self.is_residual else y


def mobilenet_v2():
    return nn.Sequential(conv(3, 8, 3, 2, act=nn.ReLU6), conv(8, 8, 3, 1, 8, nn.ReLU6), conv(8, 8, 1, act=None), conv(8, 32, 1, act=nn.ReLU6), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Dropout(0.2), nn.Linear(32, 5))


def mobilenet_v3():
    return nn.Sequential(conv(3, 8, 3, 2, act=nn.Hardswish), Inverted(8, 8, 1, nn.Hardswish, nn.Hardsigmoid), Inverted(8, 12, 2, nn.Hardswish, nn.Hardsigmoid), nn.AdaptiveAvgPool2d(1), nn.Flatten(1), nn.Linear(12, 16), nn.Hardswish(), nn.Linear(16, 5))


def efficientnet():
    return nn.Sequential(conv(3, 8, 3, 2, act=nn.SiLU), Inverted(8, 8, 1, nn.SiLU, nn.Sigmoid, nn.SiLU), Inverted(8, 12, 2, nn.SiLU, nn.Sigmoid, nn.SiLU), nn.AdaptiveAvgPool2d(1), nn.Flatten(1), nn.Linear(12, 5))


class Dense(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.layers = nn.ModuleList(nn.Sequential(nn.BatchNorm2d(8 + 4 * i), nn.ReLU(), nn.Conv2d(8 + 4 * i, 4, 3, 1, 1, bias=False)) for i in range(3))
        self.head = nn.Sequential(nn.BatchNorm2d(20), nn.ReLU(), nn.Conv2d(20, 10, 1, bias=False), nn.AvgPool2d(2, 2))
        self.out = nn.Linear(10, 5)

    def forward(self, x):
        features = [self.stem(x)]
        for layer in self.layers:
            features.append(layer(torch.cat(features, 1)))
        y = F.relu(self.head(torch.cat(features, 1)))
        return self.out(torch.flatten(F.adaptive_avg_pool2d(y, (1, 1)), 1))


class Inception(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = conv(3, 4, 1), nn.Sequential(conv(3, 4, 1), conv(4, 6, 5))
        self.c = nn.Sequential(nn.Conv2d(3, 4, (1, 7), padding=(0, 3)), nn.ReLU(), nn.Conv2d(4, 4, (7, 1), padding=(3, 0)), nn.ReLU())
        self.d = conv(3, 4, 1)

    def forward(self, x):
        # Normalization of the input inside the model, channel by channel.
        x = torch.cat([torch.unsqueeze(x[:, i], 1) * s + t for i, (s, t) in enumerate(((0.458, -0.03), (0.448, -0.088), (0.45, -0.188)))], 1)
        y = torch.cat([self.a(x), self.b(x), self.c(x), self.d(F.avg_pool2d(x, 3, 1, 1))], 1)
        return F.max_pool2d(y, 3, 2).mean([2, 3])


class Shuffle(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch = nn.Sequential(conv(4, 4, 1), conv(4, 4, 3, 1, 4, None), conv(4, 4, 1))
        self.stem = conv(3, 8)

    def forward(self, x):
        for _ in range(2):
            x = self.stem(x) if x.shape[1] == 3 else x
            left, right = x.chunk(2, dim=1)
            x = torch.cat((left, self.branch(right)), dim=1)
            n, c, h, w = x.size()
            x = x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, -1, h, w)
        return x.mean([2, 3])


class LayerNorm2d(nn.LayerNorm):
    def forward(self, x):
        return F.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps).permute(0, 3, 1, 2)


class ConvNextBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.depthwise, self.norm = nn.Conv2d(c, c, 7, padding=3, groups=c), nn.LayerNorm(c, eps=1e-6)
        self.up, self.down, self.scale = nn.Linear(c, 4 * c), nn.Linear(4 * c, c), nn.Parameter(torch.full((c, 1, 1), 0.3))

    def forward(self, x):
        y = self.down(F.gelu(self.up(self.norm(self.depthwise(x).permute(0, 2, 3, 1)))))
        return x + self.scale * y.permute(0, 3, 1, 2)


def convnext():
    return nn.Sequential(nn.Conv2d(3, 8, 4, 4), LayerNorm2d(8), ConvNextBlock(8), ConvNextBlock(8), LayerNorm2d(8), nn.Conv2d(8, 16, 2, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(1), nn.LayerNorm(16), nn.Linear(16, 5))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))

    def split(self, x):
        return x.view(x.size(0), x.size(1), self.heads, -1).permute(0, 2, 1, 3)

    def forward(self, x, mask):
        q, k, v = self.split(self.q(x)), self.split(self.k(x)), self.split(self.v(x))
        scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(q.size(-1)) + mask
        y = torch.matmul(F.softmax(scores, -1), v).permute(0, 2, 1, 3).contiguous()
        return self.o(y.view(y.size(0), y.size(1), -1))


class Bert(nn.Module):
    def __init__(self, width=16, heads=2, layers=2):
        super().__init__()
        self.words, self.places, self.kinds = nn.Embedding(50, width), nn.Embedding(32, width), nn.Embedding(2, width)
        self.register_buffer("ids", torch.arange(32).expand(1, -1))
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(nn.ModuleList([Attention(width, heads), nn.LayerNorm(width), nn.Linear(width, 32), nn.Linear(32, width), nn.LayerNorm(width)]) for _ in range(layers))
        self.pool = nn.Linear(width, width)

    def forward(self, tokens, attention, kinds):
        x = self.words(tokens) + self.kinds(kinds) + self.places(self.ids[:, : tokens.size(1)])
        x = self.norm(x)
        mask = (1.0 - attention[:, None, None, :].to(x.dtype)) * -10000.0
        for attend, n1, up, down, n2 in self.layers:
            x = n1(x + attend(x, mask))
            x = n2(x + down(F.gelu(up(x))))
        return x, torch.tanh(self.pool(x[:, 0]))


class Rms(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(width) + 0.5)

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


def rotate(x):
    a, b = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2:]
    return torch.cat((-b, a), -1)


class Decoder(nn.Module):
    """Llama-like: RMS norm, rotary positions, SwiGLU, one key/value head for two query heads, a cache."""

    def __init__(self, width=16, heads=4, pairs=2):
        super().__init__()
        self.heads, self.pairs, self.size = heads, pairs, width // heads
        self.words, self.norm1, self.norm2, self.norm3 = nn.Embedding(40, width), Rms(width), Rms(width), Rms(width)
        self.q, self.k, self.v = nn.Linear(width, width, bias=False), nn.Linear(width, pairs * self.size, bias=False), nn.Linear(width, pairs * self.size, bias=False)
        self.o, self.gate, self.up, self.down = nn.Linear(width, width, bias=False), nn.Linear(width, 32, bias=False), nn.Linear(width, 32, bias=False), nn.Linear(32, width, bias=False)
        self.register_buffer("frequency", 1.0 / 10000 ** (torch.arange(0, self.size, 2).float() / self.size))

    def forward(self, tokens, past_key, past_value):
        x = self.words(tokens)
        y = self.norm1(x)
        batch, length = tokens.shape[0], tokens.shape[1]
        past = past_key.shape[2]
        places = torch.arange(past, past + length).unsqueeze(0)
        angles = places[..., None].float() * self.frequency
        angles = torch.cat((angles, angles), -1)[:, None]
        q = self.q(y).view(batch, length, self.heads, self.size).transpose(1, 2)
        k = self.k(y).view(batch, length, self.pairs, self.size).transpose(1, 2)
        v = self.v(y).view(batch, length, self.pairs, self.size).transpose(1, 2)
        q, k = q * angles.cos() + rotate(q) * angles.sin(), k * angles.cos() + rotate(k) * angles.sin()
        k, v = torch.cat((past_key, k), 2), torch.cat((past_value, v), 2)
        total = k.shape[2]
        keys, values = (t[:, :, None].expand(batch, self.pairs, self.heads // self.pairs, total, self.size).reshape(batch, self.heads, total, self.size) for t in (k, v))
        seen = torch.arange(total)[None, :] <= places[0][:, None]
        scores = torch.matmul(q, keys.transpose(2, 3)) / math.sqrt(self.size)
        scores = scores.masked_fill(~seen[None, None], torch.finfo(torch.float32).min)
        y = torch.matmul(F.softmax(scores, -1, dtype=torch.float32), values).transpose(1, 2).reshape(batch, length, -1)
        x = x + self.o(y)
        y = self.norm2(x)
        x = x + self.down(F.silu(self.gate(y)) * self.up(y))
        return F.linear(self.norm3(x), self.words.weight), k, v


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 8, num_layers=2, bidirectional=True, batch_first=True)
        self.gru = nn.GRU(16, 5, bidirectional=True)
        self.out = nn.Linear(10, 4)

    def forward(self, x):
        y, (h, _) = self.lstm(x)
        y, g = self.gru(y.transpose(0, 1))
        return F.log_softmax(self.out(y), 2), torch.cat((h[-2], h[-1]), 1), g


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = conv(1, 4), conv(4, 8), conv(8, 16)
        self.up1, self.up2 = nn.ConvTranspose2d(16, 8, 2, 2), nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        self.bn, self.d, self.e, self.out = nn.BatchNorm2d(8), conv(16, 8), conv(12, 4), nn.Conv2d(4, 1, 1)

    def forward(self, x):
        a = self.a(x)
        b = self.b(F.max_pool2d(a, 2))
        c = self.c(F.max_pool2d(b, 2))
        y = F.relu(self.bn(self.up1(c)))
        y = F.pad(y, [0, b.size(3) - y.size(3), 0, b.size(2) - y.size(2)])
        y = self.up2(self.d(torch.cat([b, y], 1)))
        y = F.pad(y, [0, a.size(3) - y.size(3), 0, a.size(2) - y.size(2)])
        return torch.sigmoid(self.out(self.e(torch.cat([a, y], 1))))


class Swin(nn.Module):
    def __init__(self, width=8, heads=2, window=4):
        super().__init__()
        self.window, self.heads = window, heads
        self.patch, self.norm1, self.norm2 = nn.Conv2d(3, width, 2, 2), nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.o, self.up, self.down = nn.Linear(width, 3 * width), nn.Linear(width, width), nn.Linear(width, 16), nn.Linear(16, width)
        self.table = nn.Parameter(torch.randn((2 * window - 1) ** 2, heads) * 0.1)
        place = torch.stack(torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")).flatten(1)
        relative = (place[:, :, None] - place[:, None, :]).permute(1, 2, 0) + window - 1
        self.register_buffer("index", relative[..., 0] * (2 * window - 1) + relative[..., 1])
        self.merge, self.out = nn.Linear(4 * width, 2 * width, bias=False), nn.Linear(2 * width, 5)

    def attend(self, x, shift):
        n, h, w, c = x.shape
        s = self.window
        if shift:
            x = torch.roll(x, shifts=(-shift, -shift), dims=(1, 2))
        x = x.view(n, h // s, s, w // s, s, c).permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, s * s, c)
        q, k, v = self.qkv(x).reshape(-1, s * s, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        scores = (q * (c // self.heads) ** -0.5) @ k.transpose(-2, -1)
        scores = scores + self.table[self.index.view(-1)].view(s * s, s * s, -1).permute(2, 0, 1).contiguous().unsqueeze(0)
        x = self.o((scores.softmax(-1) @ v).transpose(1, 2).reshape(-1, s * s, c))
        x = x.view(n, h // s, w // s, s, s, c).permute(0, 1, 3, 2, 4, 5).contiguous().view(n, h, w, c)
        return torch.roll(x, shifts=(shift, shift), dims=(1, 2)) if shift else x

    def forward(self, x):
        x = self.patch(x).permute(0, 2, 3, 1)
        for shift in (0, self.window // 2):
            x = x + self.attend(self.norm1(x), shift)
            x = x + self.down(F.gelu(self.up(self.norm2(x))))
        x = torch.cat([x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]], -1)
        return self.out(self.merge(x).mean((1, 2)))


class Wave(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.norm = nn.Conv1d(1, 8, 10, 5, bias=False), nn.GroupNorm(8, 8)
        self.conv2, self.ln = nn.Conv1d(8, 8, 3, 2), nn.LayerNorm(8)
        self.places = nn.utils.weight_norm(nn.Conv1d(8, 8, 4, padding=2, groups=2), dim=2)
        self.up, self.down = nn.Linear(8, 16), nn.Linear(16, 8)

    def forward(self, x):
        x = (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, keepdim=True, unbiased=False) + 1e-7)
        x = F.gelu(self.norm(self.conv1(x[:, None])))
        x = F.gelu(self.conv2(x))
        x = x + F.gelu(self.places(x)[:, :, :-1])
        x = self.ln(x.transpose(1, 2))
        return x + self.down(F.gelu(self.up(x)))


class Autoencoder(nn.Module):
    """The decoder of a diffusion model: GroupNorm, SiLU, attention over pixels, nearest upsampling."""

    def __init__(self, c=8):
        super().__init__()
        self.inp, self.n1, self.c1, self.n2, self.c2 = nn.Conv2d(4, c, 3, 1, 1), nn.GroupNorm(4, c, 1e-6), nn.Conv2d(c, c, 3, 1, 1), nn.GroupNorm(4, c, 1e-6), nn.Conv2d(c, c, 3, 1, 1)
        self.na, self.q, self.k, self.v, self.o = nn.GroupNorm(4, c, 1e-6), nn.Conv2d(c, c, 1), nn.Conv2d(c, c, 1), nn.Conv2d(c, c, 1), nn.Conv2d(c, c, 1)
        self.out = nn.Conv2d(c, 3, 3, 1, 1)

    def forward(self, z):
        x = self.inp(z / 0.18215)
        x = x + self.c2(F.silu(self.n2(self.c1(F.silu(self.n1(x))))))
        y = self.na(x)
        b, c, h, w = y.shape
        q, k, v = self.q(y).reshape(b, c, h * w).permute(0, 2, 1), self.k(y).reshape(b, c, h * w), self.v(y).reshape(b, c, h * w)
        a = F.softmax(torch.bmm(q, k) * int(c) ** -0.5, 2).permute(0, 2, 1)
        x = x + self.o(torch.bmm(v, a).reshape(b, c, h, w))
        return (self.out(F.interpolate(x, scale_factor=2.0, mode="nearest")) / 2 + 0.5).clamp(0, 1)


class Greedy(nn.Module):
    """Decodes with a recurrent cell until a token ends the text or it is long enough: a Loop whose condition depends on data."""

    def __init__(self):
        super().__init__()
        self.words, self.mix, self.out = nn.Embedding(12, 8), nn.Linear(16, 8), nn.Linear(8, 12)

    def forward(self, state: torch.Tensor, most: torch.Tensor):
        token = torch.zeros(1, dtype=torch.long)
        scores = torch.zeros(1, 12)
        i = torch.zeros((), dtype=torch.long)
        while bool(i < most):
            state = torch.tanh(self.mix(torch.cat((self.words(token), state), 1)))
            scores = scores * 0.5 + self.out(state)
            token = scores.argmax(1)
            i = i + 1
        return token, scores, i


images, batch = torch.rand(2, 3, 32, 32), {"image": {0: "batch"}}
vision = {"resnet": resnet, "mobilenet_v2": mobilenet_v2, "mobilenet_v3": mobilenet_v3, "efficientnet": efficientnet, "densenet": Dense, "inception": Inception, "shufflenet": Shuffle, "convnext": convnext, "swin": Swin}
for name, build in vision.items():
    torch.manual_seed(1)
    export(name, build(), images, ["image"], ["scores"], batch, 11 if name in ("inception", "shufflenet") else 13)
torch.manual_seed(1)
ids = torch.randint(0, 2, (2, 7))
axes = {0: "batch", 1: "length"}
export("bert", Bert(), (ids, torch.ones_like(ids), torch.zeros_like(ids)), ["tokens", "attention", "kinds"], ["hidden", "pooled"], {"tokens": axes, "attention": axes, "kinds": axes}, 14)
past = torch.rand(1, 2, 3, 4)
cache = {0: "batch", 2: "past"}
export("decoder", Decoder(), (ids[:1], past, past), ["tokens", "past_key", "past_value"], ["logits", "key", "value"], {"tokens": axes, "past_key": cache, "past_value": cache}, 14)
export("recurrent", Recurrent(), torch.rand(2, 9, 6), ["x"], ["y", "h", "g"], {"x": {0: "batch", 1: "time"}}, 12)
export("unet", UNet(), torch.rand(1, 1, 33, 22), ["image"], ["mask"], {"image": {2: "height", 3: "width"}}, 11)
export("wave", Wave(), torch.rand(1, 400), ["sound"], ["features"], {"sound": {0: "batch", 1: "samples"}}, 16)
export("autoencoder", Autoencoder(), torch.rand(1, 4, 8, 8), ["latent"], ["image"], {"latent": {2: "height", 3: "width"}}, 13)
export("greedy", Greedy(), (torch.rand(1, 8), torch.tensor(5)), ["state", "most"], ["token", "scores", "steps"], None, 13, True)
