using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization;

/// <summary>What holds for every quantized graph, on random networks.</summary>
public class QdqPropertyTests
{
    private const int Networks = 24;

    [Fact]
    public void Scales_are_positive_and_finite_and_zero_points_are_of_their_type()
    {
        ForEach((model, quantized) =>
        {
            foreach (Node node in quantized.Graph.Nodes.Where(node => node.OpType is "QuantizeLinear" or "DequantizeLinear"))
            {
                Assert.All(node.Constant(1)!.Floats(), scale => Assert.True(scale > 0 && float.IsFinite(scale)));
                bool isWeight = node.Is("DequantizeLinear") && node.Input(0)!.Initializer is not null && node.Constant(1)!.Rank > 0;
                Assert.Equal(isWeight ? node.Constant(0)!.ElementType : ElementType.UInt8, node.Constant(2)!.ElementType);
                if (isWeight) Assert.DoesNotContain(node.Constant(2)!.Bytes.ToArray(), b => b != 0);
                else Assert.Equal((0, 0), (node.Constant(1)!.Rank, node.Constant(2)!.Rank));
            }
        });
    }

    [Fact]
    public void Weights_come_back_within_half_a_step()
    {
        ForEach((model, quantized) =>
        {
            var originals = model.Graph.Nodes.Where(node => node.Is("Conv")).ToDictionary(node => node.Name, node => node.Constant(1)!);
            foreach (Node node in quantized.Graph.Nodes.Where(node => node.Is("Conv")))
            {
                Node dequantize = node.Inputs[1]!.Producer!;
                Tensor integers = dequantize.Constant(0)!, original = originals[node.Name];
                float[] scales = dequantize.Constant(1)!.Floats(), weights = original.Floats();
                // Channels of zeros may have come behind those of the model.
                int inner = (int)(original.Dims[2] * original.Dims[3]), row = inner * (int)original.Dims[1], wideRow = inner * (int)integers.Dims[1];
                Assert.True(integers.Dims[0] >= original.Dims[0] && wideRow >= row);
                for (int i = 0; i < weights.Length; i++)
                {
                    float scale = scales.Length == 1 ? scales[0] : scales[i / row];
                    float integer = integers.AsSpan<sbyte>()[i / row * wideRow + i % row];
                    Assert.InRange(MathF.Abs(integer * scale - weights[i]), 0, scale * 0.501f);
                }
            }
        });
    }

    [Fact]
    public void Data_that_only_moves_keeps_its_scale_and_zero_point()
    {
        int moved = 0;
        ForEach((model, quantized) =>
        {
            foreach (Node node in quantized.Graph.Nodes.Where(node => node.Is("DequantizeLinear") && node.Input(0)!.Producer is { OpType: "MaxPool" or "Transpose" }))
            {
                Value source = node.Inputs[0]!;
                while (source.Producer!.OpType is "MaxPool" or "Transpose") source = source.Producer.Inputs[0]!;
                Node quantize = source.Producer;
                Assert.Equal(("QuantizeLinear", quantize.Inputs[1], quantize.Inputs[2]), (quantize.OpType, node.Inputs[1], node.Inputs[2]));
                moved++;
            }
        });
        Assert.True(moved > 5);
    }

    /// <summary>Convolutions with whatever stands between them.</summary>
    private static void ForEach(Action<Model, Model> check)
    {
        for (int seed = 0; seed < Networks; seed++)
        {
            try
            {
                Model model = Network(new Random(seed));
                Model original = model.Clone();
                // Weights are compared one by one: without the channels of zeros that kernels like.
                StaticInt8.Of(model, TargetProfile.CpuPortable with { Channels = null }, seed);
                check(original, model);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }
    }

    private static Model Network(Random random)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 1, 8, 8, 8);
        for (int i = 0; i < 4; i++)
        {
            float magnitude = MathF.Pow(10, random.Next(-3, 3));
            float[] weights = [.. TestTensors.Normal(random.Next(), 8 * 8).Floats().Select(w => w * magnitude)];
            Value y = b.Op("Conv", x, b.Constant(weights, 8, 8, 1, 1), random.Next(2) == 0 ? null : b.Weights(random.Next(), 8));
            x = random.Next(7) switch
            {
                0 => b.Op("Relu", y),
                1 => b.Op("Clip", y, b.Scalar(0f), b.Scalar(6f)),
                2 => b.Op("Add", x, y),
                3 => b.Op("MaxPool", [b.Op("Relu", y)], new NodeAttribute("kernel_shape", [3L, 3]), new NodeAttribute("pads", [1L, 1, 1, 1])),
                4 => b.Op("Transpose", [y], new NodeAttribute("perm", [0L, 1, 3, 2])),
                5 => b.Op("LeakyRelu", y),
                _ => b.Op("Mul", y, b.Op("Sigmoid", y)),
            };
        }
        b.Output("y", b.Op("Conv", x, b.Weights(9, 4, 8, 1, 1)));
        b.Model.InferTypes();
        return b.Model;
    }
}
