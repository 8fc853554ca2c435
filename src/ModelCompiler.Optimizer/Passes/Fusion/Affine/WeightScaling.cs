using System.Numerics;
using System.Runtime.InteropServices;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Affine;

/// <summary>Arithmetic on the weights of a linear layer, in float64, rounded once.</summary>
internal static class WeightScaling
{
    /// <summary>Whether weights of this type can be computed with.</summary>
    public static bool Supports(ElementType type) => type is ElementType.Float or ElementType.Double or ElementType.Float16;

    /// <summary>w[o, i] · factors[o]; null where a product is not finite.</summary>
    public static Tensor? ScaleOutputs(Tensor weights, WeightLayout layout, double[] factors) => Scale(weights, layout, factors, layout.Output);

    /// <summary>w[o, i] · factors[i]; null where a product is not finite.</summary>
    public static Tensor? ScaleInputs(Tensor weights, WeightLayout layout, double[] factors) => Scale(weights, layout, factors, layout.Input);

    /// <summary>Σ over input channels and kernel of w[o, i, k] · input[i]: what a constant input adds to each output channel.</summary>
    public static double[] Response(Tensor weights, WeightLayout layout, double[] input) => weights.ElementType switch
    {
        ElementType.Float => Response<float>(weights, layout, input),
        ElementType.Double => Response<double>(weights, layout, input),
        ElementType.Float16 => Response<Half>(weights, layout, input),
        _ => throw new ArgumentException($"No arithmetic on weights of {weights.ElementType}.", nameof(weights)),
    };

    private static Tensor? Scale(Tensor weights, WeightLayout layout, double[] factors, Func<int, int, int> channel) => weights.ElementType switch
    {
        ElementType.Float => Scale<float>(weights, layout, factors, channel),
        ElementType.Double => Scale<double>(weights, layout, factors, channel),
        ElementType.Float16 => Scale<Half>(weights, layout, factors, channel),
        _ => throw new ArgumentException($"No arithmetic on weights of {weights.ElementType}.", nameof(weights)),
    };

    private static Tensor? Scale<T>(Tensor weights, WeightLayout layout, double[] factors, Func<int, int, int> channel) where T : unmanaged, IFloatingPoint<T>
    {
        ReadOnlySpan<T> source = weights.AsSpan<T>();
        var bytes = new byte[weights.Bytes.Length];
        Span<T> target = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        int position = 0;
        for (int batch = 0; batch < layout.Batch; batch++)
            for (int row = 0; row < layout.Rows; row++)
                for (int column = 0; column < layout.Columns; column++)
                {
                    double factor = factors[channel(row, column)];
                    for (int end = position + layout.Inner; position < end; position++)
                    {
                        target[position] = T.CreateTruncating(double.CreateTruncating(source[position]) * factor);
                        if (!T.IsFinite(target[position])) return null;
                    }
                }
        return new Tensor(weights.ElementType, weights.Dims, bytes);
    }

    private static double[] Response<T>(Tensor weights, WeightLayout layout, double[] input) where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<T> source = weights.AsSpan<T>();
        var response = new double[layout.Outputs];
        int position = 0;
        for (int row = 0; row < layout.Rows; row++)
            for (int column = 0; column < layout.Columns; column++)
            {
                double sum = 0;
                for (int end = position + layout.Inner; position < end; position++) sum += double.CreateTruncating(source[position]);
                response[layout.Output(row, column)] += sum * input[layout.Input(row, column)];
            }
        return response;
    }
}
