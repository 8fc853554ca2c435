using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Tests.Support;

namespace ModelCompiler.Optimizer.Tests.Quantization;

/// <summary>Every kind of product that the compiler puts on integers, with weights that are given: what its sums pair differs by kind and size.</summary>
internal static class SaturationCases
{
    /// <summary>Models of one input <c>x</c> and one output <c>y</c>; the shape is that of x for a number of samples.</summary>
    public static IReadOnlyDictionary<string, SaturationCase> All { get; } = new Dictionary<string, SaturationCase>
    {
        ["Gemm"] = Product([37], w => (b, x) => b.Op("Gemm", x, w(b, [37, 19]), w(b, [19]))),
        ["Gemm, transposed and scaled"] = Product([33], w => (b, x) => b.Op("Gemm", [x, w(b, [21, 33]), w(b, [21])], new("transB", 1L), new("alpha", 0.3f), new("beta", 2f))),
        ["Gemm of one column"] = Product([130], w => (b, x) => b.Op("Gemm", x, w(b, [130, 1]), w(b, [1]))),
        ["Gemm of 64 × 64"] = Product([64], w => (b, x) => b.Op("Gemm", x, w(b, [64, 64]), w(b, [64]))),
        ["Gemm, deep"] = Product([1031], w => (b, x) => b.Op("Gemm", x, w(b, [1031, 40]))),
        ["MatMul"] = Product([35], w => (b, x) => b.Op("MatMul", x, w(b, [35, 18]))),
        ["MatMul of tokens"] = Product([5, 48], w => (b, x) => b.Op("Add", b.Op("MatMul", x, w(b, [48, 33])), w(b, [33]))),
        ["MatMul of heads"] = Product([3, 7, 34], w => (b, x) => b.Op("MatMul", x, w(b, [34, 20]))),
        ["stacked matrices"] = Product([3, 7, 34], w => (b, x) => b.Op("MatMul", x, w(b, [3, 34, 20]))),
        ["two factors that are computed"] = Product([9, 34], w => (b, x) => b.Op("MatMul", b.Op("MatMul", x, w(b, [34, 34])), b.Op("Transpose", [b.Op("MatMul", x, w(b, [34, 34]))], new NodeAttribute("perm", [0L, 2, 1])))),
        ["Conv of one dimension"] = Convolution([5, 23], [16, 5, 3]),
        ["Conv of two dimensions"] = Convolution([16, 9, 9], [32, 16, 3, 3]),
        ["Conv of three dimensions"] = Convolution([4, 5, 5, 5], [8, 4, 3, 3, 3]),
        ["Conv, one channel"] = Convolution([1, 12, 12], [16, 1, 3, 3]),
        ["Conv, three channels"] = Convolution([3, 12, 12], [16, 3, 3, 3], new NodeAttribute("strides", [2L, 2])),
        ["Conv, four channels"] = Convolution([4, 12, 12], [16, 4, 3, 3]),
        ["Conv, 3 × 3 of one channel to few"] = Convolution([1, 12, 12], [5, 1, 3, 3]),
        ["Conv, odd numbers"] = Convolution([7, 9, 9], [13, 7, 3, 3]),
        ["Conv, 17 channels to 24"] = Convolution([17, 9, 9], [24, 17, 3, 3]),
        ["Conv, 1 × 1"] = Convolution([24, 7, 7], [40, 24, 1, 1]),
        ["Conv, 1 × 1 of 15"] = Convolution([15, 7, 7], [40, 15, 1, 1]),
        ["Conv, dilated"] = Convolution([8, 12, 12], [16, 8, 3, 3], new NodeAttribute("dilations", [2L, 2])),
        ["Conv, padded and strided"] = Convolution([12, 11, 11], [24, 12, 3, 3], new("pads", [1L, 1, 1, 1]), new("strides", [2L, 2])),
        ["Conv, two groups"] = Convolution([8, 9, 9], [16, 4, 3, 3], new NodeAttribute("group", 2L)),
        ["Conv, groups of three channels"] = Convolution([12, 9, 9], [16, 3, 3, 3], new NodeAttribute("group", 4L)),
        ["Conv, groups of one channel and two filters"] = Convolution([16, 9, 9], [32, 1, 3, 3], new NodeAttribute("group", 16L)),
        ["Conv, groups of one channel and three filters"] = Convolution([5, 9, 9], [15, 1, 3, 3], new NodeAttribute("group", 5L)),
        ["depthwise 3 × 3"] = Convolution([16, 9, 9], [16, 1, 3, 3], new("group", 16L), new("pads", [1L, 1, 1, 1])),
        ["depthwise 5 × 5"] = Convolution([32, 9, 9], [32, 1, 5, 5], new NodeAttribute("group", 32L)),
        ["depthwise of 13"] = Convolution([13, 9, 9], [13, 1, 3, 3], new NodeAttribute("group", 13L)),
        ["depthwise of one dimension"] = Convolution([16, 30], [16, 1, 7], new NodeAttribute("group", 16L)),
        ["depthwise of three dimensions"] = Convolution([8, 5, 5, 5], [8, 1, 3, 3, 3], new NodeAttribute("group", 8L)),
        ["ConvTranspose"] = Product([8, 6, 6], w => (b, x) => b.Op("ConvTranspose", [x, w(b, [8, 12, 2, 2])], new NodeAttribute("strides", [2L, 2]))),
        ["ConvTranspose that overlaps"] = Product([6, 6, 6], w => (b, x) => b.Op("ConvTranspose", [x, w(b, [6, 8, 4, 4])], new("strides", [2L, 2]), new("pads", [1L, 1, 1, 1]))),
        ["ConvTranspose with stride 1"] = Product([6, 6, 6], w => (b, x) => b.Op("ConvTranspose", x, w(b, [6, 8, 3, 3]))),
        ["Gemm with many weights"] = Product([257], w => (b, x) => b.Op("Gemm", x, w(b, [257, 259]), w(b, [259]))),
        ["Gemm with many weights, transposed and scaled"] = Product([256], w => (b, x) => b.Op("Gemm", [x, w(b, [270, 256]), w(b, [270])], new("transB", 1L), new("alpha", 0.3f))),
        ["tokens with many weights"] = Product([5, 258], w => (b, x) => b.Op("Add", b.Op("MatMul", x, w(b, [258, 300])), w(b, [300]))),
        ["LSTM of one sequence"] = Lstm(1, 1),
        ["LSTM of three sequences"] = Lstm(3, 1),
        ["LSTM in two directions"] = Lstm(2, 2),
        ["a small network"] = Product([3, 14, 14], w => (b, x) =>
        {
            Value h = b.Op("Relu", b.Op("Conv", x, w(b, [24, 3, 3, 3])));
            h = b.Op("Relu", b.Op("Conv", [h, w(b, [48, 1, 2, 2])], new NodeAttribute("group", 24L)));
            Value side = b.Op("Relu", b.Op("Conv", h, w(b, [48, 48, 1, 1])));
            h = b.Op("Add", h, side);
            return b.Op("Gemm", b.Op("Flatten", b.Op("GlobalAveragePool", h)), w(b, [48, 10]));
        }),
    };

    /// <summary>The number of samples is that of steps.</summary>
    private static SaturationCase Lstm(long sequences, long directions) => Product([sequences, 37], w => (b, x) =>
        b.Op("LSTM", [x, w(b, [directions, 4 * 140, 37]), w(b, [directions, 4 * 140, 140])], new("hidden_size", 140L), new("direction", directions == 1 ? "forward" : "bidirectional")));

    private static SaturationCase Convolution(long[] shape, long[] weights, params NodeAttribute[] attributes) =>
        Product(shape, w => (b, x) => b.Op("Conv", [x, w(b, weights), w(b, [weights[0]])], attributes));

    private static SaturationCase Product(long[] shape, Func<Func<GraphBuilder, long[], Value>, Func<GraphBuilder, Value, Value>> make) => new(shape, (n, w) =>
    {
        var b = new GraphBuilder();
        b.Output("y", make(w)(b, b.Input("x", [n, .. shape.Select(size => (Dim)size)])));
        b.Model.InferTypes();
        return b.Model;
    });
}

/// <summary>One kind of product.</summary>
/// <param name="Shape">Of one sample.</param>
/// <param name="Make">The model, from the dimension of samples and what makes weights.</param>
internal sealed record SaturationCase(long[] Shape, Func<Dim, Func<GraphBuilder, long[], Value>, Model> Make);
