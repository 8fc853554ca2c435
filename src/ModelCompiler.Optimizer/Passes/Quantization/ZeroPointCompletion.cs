using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// x = s·q ⇄ x = s·(q − 0): says the integer type of QuantizeLinear and DequantizeLinear so that ONNX Runtime repeats it. Its QDQPropagation puts the
/// conversion behind data movement once more. Before operator set 21, one without zero point becomes an unsigned one, and negative numbers 0: the zero
/// point that the standard means is written down. From 21 on the type is repeated as an attribute, and QDQS8ToU8 changes the zero point alone, so that
/// they differ (its issue 25526) and the model is refused: there the type is said once.
/// </summary>
public sealed class ZeroPointCompletion : IPass
{
    private const int ZeroPoint = 2;
    private const string TypeAttribute = "output_dtype";

    /// <summary>The operator set that has <see cref="TypeAttribute"/>.</summary>
    private const long TypeIsAttribute = 21;

    /// <summary>What conversions are moved over.</summary>
    private static readonly HashSet<string> Movement = ["Transpose", "Reshape", "Squeeze", "Unsqueeze", "Slice", "MaxPool", "Flatten"];

    /// <inheritdoc/>
    public string Name => "zero-point-completion";

    /// <inheritdoc/>
    public bool KeepsTypes => true;

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        List<Node> nodes = [.. context.Graph.AllNodes().Where(node => node.OpType is "QuantizeLinear" or "DequantizeLinear" && node.Domain is "" or Operators.Microsoft && node.Input(0) is not null && node.Input(1) is not null)];
        if (context.Model.Opset >= TypeIsAttribute)
        {
            foreach (Node node in nodes.Where(node => node.Domain.Length == 0 && node.Input(ZeroPoint) is not null)) SayTypeOnce(node, context);
            return;
        }
        nodes.RemoveAll(node => node.Input(ZeroPoint) is not null);
        if (nodes.Count == 0) return;
        context.Model.InferTypes();
        foreach (Node node in nodes) Complete(node, context);
    }

    private static void Complete(Node node, PassContext context)
    {
        if (TypeOf(node) is not { } type || DimsOfScale(node) is not { } dims) return;
        long count = 1;
        foreach (long dim in dims) count *= dim;
        node.SetInput(ZeroPoint, node.Graph.AddInitializer(node.Outputs[0].Name + "_zero_point", new Tensor(type, dims, new byte[type.ByteSize(count)])));
        context.Changed(node.ToString(), "its zero point is written down");
    }

    /// <summary>By the attribute where the conversion is moved and the zero point is 0, else by the zero point.</summary>
    private static void SayTypeOnce(Node node, PassContext context)
    {
        bool isQuantize = node.OpType == "QuantizeLinear";
        bool isMoved = isQuantize ? IsMovement(node.Inputs[0]!.Producer) : node.Outputs[0].Uses.Any(use => IsMovement(use.Node));
        if (isMoved && node.Constant(ZeroPoint) is { ElementType: ElementType.Int8 } zero && !zero.Bytes.ContainsAnyExcept((byte)0))
        {
            node.TrimInputs(ZeroPoint);
            if (isQuantize) node.Attributes.Set(TypeAttribute, (long)ElementType.Int8);
            context.Changed(node.ToString(), "its zero point of 0 is left out");
        }
        else if (isQuantize && node.Attributes.Remove(TypeAttribute))
        {
            context.Changed(node.ToString(), "its zero point says its type");
        }
    }

    private static bool IsMovement(Node? node) => node is { Domain.Length: 0 } && Movement.Contains(node.OpType);

    /// <summary>Integers of 32 bits are biases, whose zero point ONNX Runtime does not read; floats of 8 bits have none.</summary>
    private static ElementType? TypeOf(Node node)
    {
        ElementType type = node.OpType == "DequantizeLinear" ? node.Inputs[0]!.ElementType : ElementType.UInt8;
        return type is ElementType.Int8 or ElementType.UInt8 or ElementType.Int16 or ElementType.UInt16 ? type : null;
    }

    /// <summary>None, or one for each channel; null where they are not known.</summary>
    private static long[]? DimsOfScale(Node node)
    {
        if (node.Inputs[1]!.Shape is not { Rank: <= 1 } shape) return null;
        long?[] dims = [.. shape.Select(dim => dim.ValueOrNull)];
        return dims.Contains(null) ? null : [.. dims.Select(dim => dim!.Value)];
    }
}
