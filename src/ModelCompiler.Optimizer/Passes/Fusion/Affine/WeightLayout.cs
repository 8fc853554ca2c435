using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Affine;

/// <summary>
/// Which input and output channel each weight of a Conv, ConvTranspose, Gemm or MatMul joins. All four are stacks of <see cref="Batch"/>
/// matrices [<see cref="Rows"/>, <see cref="Columns"/>] of runs of <see cref="Inner"/> kernel elements, block-diagonal where there are groups.
/// </summary>
/// <param name="Batch">Matrices one after the other; more than one only for MatMul with weights of rank 3 and up.</param>
/// <param name="Rows">The first axis of a matrix.</param>
/// <param name="Columns">The second axis, of one group.</param>
/// <param name="Inner">Kernel elements per pair of channels.</param>
/// <param name="Groups">Blocks on the diagonal.</param>
/// <param name="RowsAreOutputs">Whether rows are output channels (Conv, Gemm with transB) or input channels.</param>
internal readonly record struct WeightLayout(int Batch, int Rows, int Columns, int Inner, int Groups, bool RowsAreOutputs)
{
    /// <summary>The layout of a node's weights; null where the dimensions make no sense for the operator.</summary>
    public static WeightLayout? Of(Node node, Tensor weights)
    {
        ReadOnlySpan<long> dims = weights.Dims;
        if (weights.ElementCount is 0 or > int.MaxValue || dims.Length < 2) return null;
        int groups = node.OpType is "Conv" or "ConvTranspose" ? (int)node.Attributes.GetInt("group", 1) : 1;
        int rows = (int)dims[0], columns = (int)dims[1];
        if (groups < 1 || rows % groups != 0) return null;
        return node.OpType switch
        {
            "Conv" => new WeightLayout(1, rows, columns, Product(dims[2..]), groups, true),
            "ConvTranspose" => new WeightLayout(1, rows, columns, Product(dims[2..]), groups, false),
            "Gemm" => new WeightLayout(1, rows, columns, 1, 1, node.Attributes.GetInt("transB", 0) != 0),
            "MatMul" => new WeightLayout(Product(dims[..^2]), (int)dims[^2], (int)dims[^1], 1, 1, false),
            _ => null,
        };
    }

    /// <summary>The number of output channels.</summary>
    public int Outputs => RowsAreOutputs ? Rows : Columns * Groups;

    /// <summary>The number of input channels.</summary>
    public int Inputs => RowsAreOutputs ? Columns * Groups : Rows;

    /// <summary>The output channel of a weight.</summary>
    public int Output(int row, int column) => RowsAreOutputs ? row : Across(row, column);

    /// <summary>The input channel of a weight.</summary>
    public int Input(int row, int column) => RowsAreOutputs ? Across(row, column) : row;

    private int Across(int row, int column) => row / (Rows / Groups) * Columns + column;

    private static int Product(ReadOnlySpan<long> dims)
    {
        int product = 1;
        foreach (long dim in dims) product *= (int)dim;
        return product;
    }
}
