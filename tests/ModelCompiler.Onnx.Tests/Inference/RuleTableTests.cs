using ModelCompiler.Onnx.Inference;

namespace ModelCompiler.Onnx.Tests.Inference;

public class RuleTableTests
{
    /// <summary>The operators of ONNX's own domain that exist in any of the operator sets 7 to 22.</summary>
    private const string Operators = """
        Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization Bernoulli BitShift BitwiseAnd BitwiseNot
        BitwiseOr BitwiseXor BlackmanWindow Cast CastLike Ceil Celu CenterCropPad Clip Col2Im Compress Concat ConcatFromSequence Constant
        ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumSum DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout
        DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool
        GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization HammingWindow HannWindow HardSigmoid HardSwish Hardmax
        Identity If ImageDecoder InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax Loop
        LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul
        Multinomial Neg NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement OptionalHasElement Or PRelu Pad Pow
        QLinearConv QLinearMatMul QuantizeLinear RNN RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1 ReduceL2
        ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare RegexFullMatch Relu Reshape Resize
        ReverseSequence RoiAlign Round STFT Scan Scatter ScatterElements ScatterND Selu SequenceAt SequenceConstruct SequenceEmpty SequenceErase
        SequenceInsert SequenceLength SequenceMap Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax SoftmaxCrossEntropyLoss Softplus Softsign
        SpaceToDepth Split SplitToSequence Sqrt Squeeze StringConcat StringNormalizer StringSplit Sub Sum Tan Tanh TfIdfVectorizer ThresholdedRelu
        Tile TopK Transpose Trilu Unique Unsqueeze Upsample Where Xor
        """;

    /// <summary>ONNX Runtime's operators that its transformations and quantizers write into files.</summary>
    private const string Contrib = """
        Attention BiasAdd BiasDropout BiasGelu BiasSoftmax BiasSplitGelu CDist ComplexMul ConvTransposeWithDynamicPads CropAndResize
        DecoderMaskedMultiHeadAttention DequantizeLinear DynamicQuantizeLSTM DynamicQuantizeMatMul EmbedLayerNormalization ExpandDims FastGelu
        FusedConv FusedGemm FusedMatMul GatherBlockQuantized GatherND Gelu GemmFastGelu GridSample GroupNorm GroupQueryAttention Inverse Irfft
        LongformerAttention MatMulBnb4 MatMulInteger16 MatMulIntegerToFloat MatMulNBits MoE MulInteger MultiHeadAttention MurmurHash3
        NGramRepeatBlock NhwcConv NhwcFusedConv NhwcMaxPool PackedAttention Pad QAttention QEmbedLayerNormalization QGemm QLinearAdd
        QLinearAveragePool QLinearConcat QLinearConv QLinearGlobalAveragePool QLinearLeakyRelu QLinearMul QLinearReduceMean QLinearSigmoid
        QLinearSoftmax QLinearWhere QMoE QuantizeLinear QuickGelu Range RelativePositionBias Rfft RotaryEmbedding SkipGroupNorm
        SkipLayerNormalization SkipSimplifiedLayerNormalization SparseAttention TorchEmbedding TransposeMatMul Trilu Unique
        """;

    private const string MachineLearning = """
        ArrayFeatureExtractor Binarizer CastMap CategoryMapper DictVectorizer FeatureVectorizer Imputer LabelEncoder LinearClassifier LinearRegressor
        Normalizer OneHotEncoder SVMClassifier SVMRegressor Scaler TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor ZipMap
        """;

    public static TheoryData<string, string> Known => [.. All().Select(o => (o.Domain, o.Operator))];

    internal static IEnumerable<(string Domain, string Operator)> All() =>
        Words(Operators).Select(o => ("", o)).Concat(Words(Contrib).Select(o => ("com.microsoft", o))).Concat(Words(MachineLearning).Select(o => ("ai.onnx.ml", o)));

    [Theory]
    [MemberData(nameof(Known))]
    public void Every_operator_has_a_rule(string domain, string op) => Assert.NotNull(RuleTable.Find(domain, op));

    [Fact]
    public void The_long_name_of_the_domain_is_the_same_domain() => Assert.Same(RuleTable.Find("", "Conv"), RuleTable.Find("ai.onnx", "Conv"));

    [Fact]
    public void An_operator_without_a_rule_is_reported_and_its_outputs_stay_unknown()
    {
        (Node node, InferenceResult result) = OperatorCase.Infer("acme.Frobnicate", 1, "f[2]");
        Assert.Null(node.Output.Type);
        InferenceIssue issue = Assert.Single(result.Issues);
        Assert.Contains("acme.Frobnicate", issue.Reason, StringComparison.Ordinal);
        Assert.False(issue.IsContradiction);
    }

    private static string[] Words(string text) => text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
}
