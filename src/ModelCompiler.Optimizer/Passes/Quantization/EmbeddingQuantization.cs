using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Dense;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// Rows of a constant table in fewer bits, turned back into floats when they are looked up. In 4 bits in blocks with a scale each: ONNX Runtime's
/// GatherBlockQuantized. In 8 bits with one scale where that does, else with one for each row, which is looked up too: s[i] · float(q[i]), with operators
/// that every provider has (blocks of 8 bits took a tenth of a small LSTM's time, this takes none). It gains size only; small tables stay.
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

    /// <summary>The lookups that the pass quantizes, by name.</summary>
    public static IEnumerable<string> Layers(Graph graph) =>
        graph.AllNodes().Where(node => node.Is("Gather") && IsTable(node)).Select(node => node.Outputs[0].Name);

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Gather");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!IsTable(node)) return Rewrite.None;
        int width = bits.Of(node.Outputs[0].Name);
        if (width == 0) return Rewrite.None;
        if (width == 8) return LookUpRows(node);
        if (!context.Target.ContribOperators.Contains(Operator)) return Rewrite.None;
        context.Model.Opsets[Operators.Microsoft] = 1;
        Value[] table = Of(node.Inputs[0]!, width, Blocks);
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

    private Rewrite LookUpRows(Node node)
    {
        Value[] table = Of(node.Inputs[0]!, 8, Rows);
        Value integers = Add(node, "Gather", ElementType.Int8, table[0], node.Inputs[1]);
        if (table[1].Initializer!.Rank == 0)
        {
            // ONNX Runtime's QDQPropagation puts a QuantizeLinear behind data movement that follows: without a zero point to repeat it is unsigned, and every negative number becomes 0.
            node.ReplaceBy("DequantizeLinear", [integers, table[1], table[2]], keepAttributes: false);
            return Rewrite.Applied("table in 8 bits, with one scale");
        }
        Value real = Add(node, "Cast", ElementType.Float, integers);
        real.Producer!.Attributes.Set("to", (long)ElementType.Float);
        Value scales = Add(node, "Gather", ElementType.Float, table[1], node.Inputs[1]);
        if (node.Outputs[0].Shape is { } shape) scales.Type = new TensorType(ElementType.Float, shape.With(shape.Rank - 1, 1));
        node.ReplaceBy("Mul", [real, scales], keepAttributes: false);
        return Rewrite.Applied("table in 8 bits");
    }

    private static Value Add(Node user, string opType, ElementType type, params ReadOnlySpan<Value?> inputs)
    {
        Value value = user.Graph.AddNode(opType, inputs, before: user).Output;
        value.Type = new TensorType(type, user.Outputs[0].Shape);
        return value;
    }

    private Value[] Of(Value value, int width, Func<Value, Value[]> make)
    {
        if (!_tables.TryGetValue((value, width), out Value[]? table)) _tables.Add((value, width), table = make(value));
        return table;
    }

    /// <summary>Integers [rows, columns], and a scale for each row [rows, 1], or one for all and its zero point.</summary>
    private static Value[] Rows(Value value)
    {
        Tensor numbers = value.Initializer!;
        var smallest = new float[numbers.Dims[0]];
        QuantizedWeights quantized = WeightQuantizer.Quantize(numbers, 0, smallest);
        Tensor scales = Tensor.Create<float>(quantized.Scales, quantized.Scales.Length, 1);
        if (OneScale.For(numbers, quantized) is { } scale)
        {
            Array.Fill(smallest, scale);
            (quantized, scales) = (WeightQuantizer.Quantize(numbers, 0, smallest), Tensor.Scalar(scale));
        }
        Graph graph = value.Graph;
        Value[] table = [graph.AddInitializer(value.Name + "_8bits", quantized.Integers), graph.AddInitializer(value.Name + "_scale", scales)];
        return scales.Rank == 0 ? [.. table, graph.AddInitializer(value.Name + "_zero_point", Tensor.Scalar<sbyte>(0))] : table;
    }

    private static Value[] Blocks(Value value)
    {
        Tensor numbers = value.Initializer!;
        int rows = (int)numbers.Dims[0], columns = (int)numbers.Dims[1];
        BlockQuantized quantized = BlockQuantizer.Quantize(numbers.AsSpan<float>().ToArray(), rows, columns, 4, Block);
        return
        [
            value.Graph.AddInitializer(value.Name + "_4bits", quantized.Data.Reshaped(rows, columns / 2)),
            value.Graph.AddInitializer(value.Name + "_scale", quantized.Scales),
            value.Graph.AddInitializer(value.Name + "_zero_point", quantized.ZeroPoints),
        ];
    }
}
