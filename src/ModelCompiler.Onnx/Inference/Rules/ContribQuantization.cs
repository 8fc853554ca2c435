namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>ONNX Runtime's operators on quantized tensors. Scales and zero points follow each tensor, which sets where the tensors stand.</summary>
internal static class ContribQuantization
{
    public static void Register(RuleTable rules)
    {
        rules.Contrib(Quantization.QuantizeLinear, "QuantizeLinear");
        rules.Contrib(Quantization.DequantizeLinear, "DequantizeLinear");
        rules.Contrib(Elementwise.SameAsInput, "QLinearLeakyRelu", "QLinearSigmoid", "QLinearSoftmax");
        rules.Contrib(c => c.Set(0, c.Element(0), ShapeMath.Broadcast(c, c.Shape(0), c.Shape(3))), "QLinearAdd", "QLinearMul");
        rules.Contrib(Where, "QLinearWhere");
        rules.Contrib(c => c.Set(0, c.Element(2), Joining.ConcatShapes(c, 2, 3, c.Int("axis", 1))), "QLinearConcat");
        rules.Contrib(c => Pooling.Pool(c, IsChannelsLast(c)), "QLinearAveragePool");
        rules.Contrib(c => Pooling.GlobalPool(c, IsChannelsLast(c)), "QLinearGlobalAveragePool");
        rules.Contrib(c => Reduction.Reduce(c, c.Ints("axes")), "QLinearReduceMean");
        rules.Contrib(c => Convolution.Conv(c, 0, 3, c.Element(7), IsChannelsLast(c)), "QLinearConv");
        rules.Contrib(c => LinearAlgebra.Gemm(c, 0, 3, c.HasInput(8) ? c.Element(8) : c.Element(1)), "QGemm");
        rules.Contrib(c => LinearAlgebra.MatMul(c, 0, 1, c.Element(2)), "MatMulIntegerToFloat");
        rules.Contrib(c => LinearAlgebra.MatMul(c, 0, 1, c.Element(0)), "DynamicQuantizeMatMul");
        rules.Contrib(c => LinearAlgebra.MatMul(c, 0, 1, ElementType.Int32), "MatMulInteger16");
        rules.Contrib(c => Recurrent.Layer(c, 2), "DynamicQuantizeLSTM");
        rules.Contrib(WeightOnly, "MatMulNBits", "MatMulBnb4");
        rules.Contrib(GatherBlocks, "GatherBlockQuantized");
        rules.Contrib(c => c.Set(0, c.Int("positive", 1) != 0 ? ElementType.UInt32 : ElementType.Int32, c.Shape(0)), "MurmurHash3");
        rules.Contrib(c => c.Set(0, ElementType.Int32, ShapeMath.Broadcast(c, c.Shape(0), c.Shape(c.InputCount > 3 ? 2 : 1))), "MulInteger");
        rules.Contrib(c => ContribAttention.EmbedLayerNormalization(c, c.Element(8)), "QEmbedLayerNormalization");
    }

    private static bool IsChannelsLast(InferenceContext context) => context.Int("channels_last", 0) != 0;

    private static void Where(InferenceContext context) =>
        context.Set(0, context.Element(1), ShapeMath.Broadcast(context, context.Shape(0), ShapeMath.Broadcast(context, context.Shape(1), context.Shape(4))));

    /// <summary>[…, K] by weights of K × N, whose size only the attributes tell.</summary>
    private static void WeightOnly(InferenceContext context)
    {
        Shape? shape = context.Shape(0);
        context.Set(0, context.Element(0), shape is { Rank: > 0 } ? shape.With(shape.Rank - 1, Dim.Of((IntegerExpression)context.Int("N", -1))) : null);
    }

    /// <summary>Gather from rows whose elements of 2, 4 or 8 bits are packed into bytes along the last axis.</summary>
    private static void GatherBlocks(InferenceContext context)
    {
        Shape? result = null;
        if (context.Shape(0) is { } data && context.Shape(1) is { } indices && ShapeMath.Axis(context.Int("gather_axis", 0), data.Rank) is { } axis)
        {
            long perByte = context.Element(0) == ElementType.UInt8 && context.Int("bits", 4) is > 0 and <= 8 and var bits ? 8 / bits : 1;
            if (perByte > 1) data = data.With(data.Rank - 1, data[data.Rank - 1] * perByte);
            result = new Shape([.. data.Dims[..axis], .. indices.Dims, .. data.Dims[(axis + 1)..]]);
        }
        context.Set(0, context.Element(2), result);
    }
}
