using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion;
using ModelCompiler.Optimizer.Quantization.Dense;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// Rows of a constant table in blocks of 4 or 8 bits, turned back into floats when they are looked up: ONNX Runtime's GatherBlockQuantized.
/// It gains size only; small tables stay.
/// </summary>
/// <param name="bits">Bits of each table, by the name of the lookup's output.</param>
internal sealed class EmbeddingQuantization(WeightBits bits) : RewritePass
{
    private const string Operator = "GatherBlockQuantized";
    private const int Block = 32;
    private const int FewNumbers = 1 << 16;

    private readonly Dictionary<(Value Table, int Bits), Value[]> _tables = [];

    /// <inheritdoc/>
    public override string Name => "embedding-quantization";

    /// <summary>The lookups that the pass quantizes.</summary>
    public static IEnumerable<QuantizedLayer> Layers(Graph graph) =>
        graph.AllNodes().Where(node => node.Is("Gather") && IsTable(node)).Select(node => new QuantizedLayer(node.Outputs[0].Name, node.Graph, null));

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Gather");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!context.Target.ContribOperators.Contains(Operator) || !IsTable(node)) return Rewrite.None;
        int width = bits.Of(node.Outputs[0].Name);
        if (width == 0) return Rewrite.None;
        context.Model.Opsets[Operators.Microsoft] = 1;
        Value[] table = Table(node.Inputs[0]!, width);
        Node lookup = node.ReplaceBy(Operator, [table[0], node.Inputs[1], table[1], table[2]], Operators.Microsoft, keepAttributes: false);
        lookup.Attributes.Set("bits", width);
        lookup.Attributes.Set("block_size", Block);
        lookup.Attributes.Set("gather_axis", 0);
        lookup.Attributes.Set("quantize_axis", 1);
        return Rewrite.Applied($"table in {width} bits");
    }

    private static bool IsTable(Node node)
    {
        if (node.Attributes.GetInt("axis", 0) != 0 || node.Constant(0) is not { ElementType: ElementType.Float, Rank: 2 } table) return false;
        if (table.ElementCount < FewNumbers || table.Dims[1] % Block != 0) return false;
        foreach (float number in table.AsSpan<float>())
            if (!float.IsFinite(number)) return false;
        return true;
    }

    private Value[] Table(Value value, int width)
    {
        if (_tables.TryGetValue((value, width), out Value[]? table)) return table;
        Tensor numbers = value.Initializer!;
        int rows = (int)numbers.Dims[0], columns = (int)numbers.Dims[1];
        BlockQuantized quantized = BlockQuantizer.Quantize(numbers.AsSpan<float>().ToArray(), rows, columns, width, Block);
        table =
        [
            value.Graph.AddInitializer($"{value.Name}_{width}bits", quantized.Data.Reshaped(rows, columns * width / 8)),
            value.Graph.AddInitializer(value.Name + "_scale", quantized.Scales),
            value.Graph.AddInitializer(value.Name + "_zero_point", quantized.ZeroPoints),
        ];
        _tables.Add((value, width), table);
        return table;
    }
}
