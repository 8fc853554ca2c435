using ModelCompiler.Optimizer.Passes.Fusion.Affine;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Products;

/// <summary>The weights of a layer without groups in one order: [<see cref="Outputs"/>, <see cref="Inputs"/>, <see cref="Inner"/>].</summary>
internal sealed record DenseWeights(int Outputs, int Inputs, int Inner, double[] Values)
{
    /// <summary>Reads them from a layer of one batch and one group, Gemm's alpha multiplied in.</summary>
    public static DenseWeights Of(LinearLayer layer)
    {
        WeightLayout layout = layer.Layout;
        double[] source = Constants.Numbers(layer.Weights)!;
        double alpha = layer.Product.Is("Gemm") ? layer.Product.Attributes.GetFloat("alpha", 1) : 1;
        var values = new double[source.Length];
        int position = 0;
        for (int row = 0; row < layout.Rows; row++)
            for (int column = 0; column < layout.Columns; column++)
            {
                int target = (layout.Output(row, column) * layout.Inputs + layout.Input(row, column)) * layout.Inner;
                for (int k = 0; k < layout.Inner; k++) values[target + k] = alpha * source[position++];
            }
        return new DenseWeights(layout.Outputs, layout.Inputs, layout.Inner, values);
    }

    /// <summary>w[o, i, k₂·k₁] = Σₘ second[o, m, k₂] · first[m, i, k₁]; one of the two kernels is a single element.</summary>
    public static DenseWeights Compose(DenseWeights first, DenseWeights second)
    {
        int inner = first.Inner * second.Inner;
        var result = new DenseWeights(second.Outputs, first.Inputs, inner, new double[(long)second.Outputs * first.Inputs * inner]);
        for (int o = 0; o < second.Outputs; o++)
            for (int m = 0; m < first.Outputs; m++)
                for (int k = 0; k < second.Inner; k++)
                    result.AddRow(o, k, second.Values[(o * second.Inputs + m) * second.Inner + k], first, m);
        return result;
    }

    /// <summary>b[o] = Σₘ Σₖ w[o, m, k] · input[m]: the answer to a constant input.</summary>
    public double[] Response(double[] input)
    {
        var response = new double[Outputs];
        for (int i = 0; i < Values.Length; i++) response[i / (Inputs * Inner)] += Values[i] * input[i / Inner % Inputs];
        return response;
    }

    /// <summary>The transpose [inputs, outputs] of weights of single elements.</summary>
    public double[] Transposed()
    {
        var result = new double[Values.Length];
        for (int o = 0; o < Outputs; o++)
            for (int i = 0; i < Inputs; i++)
                result[i * Outputs + o] = Values[o * Inputs + i];
        return result;
    }

    // One row of the first layer, times one weight of the second: the innermost loop runs over memory in order.
    private void AddRow(int output, int k, double factor, DenseWeights first, int row)
    {
        ReadOnlySpan<double> source = first.Values.AsSpan(row * first.Inputs * first.Inner, first.Inputs * first.Inner);
        Span<double> target = Values.AsSpan(output * Inputs * Inner, Inputs * Inner);
        int step = Inner / first.Inner;
        for (int i = 0; i < source.Length; i++) target[i * step + k] += factor * source[i];
    }
}
