using System.Collections.Frozen;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>Groups of operators that the tables of providers are made of.</summary>
internal static class OperatorNames
{
    public const string Arithmetic = "Add Sub Mul Div Pow Sqrt Exp Log Neg Abs Reciprocal Floor Ceil Max Min";

    public const string Activations = "Relu LeakyRelu Sigmoid Tanh Clip Elu HardSigmoid Softmax Gelu";

    public const string Shapes = "Reshape Flatten Squeeze Unsqueeze Transpose Concat Split Slice Gather Expand Identity Cast Shape";

    public const string Reductions = "ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd";

    public const string Comparisons = "Equal Greater GreaterOrEqual Less LessOrEqual Not And Or Where";

    public const string Networks = "Conv ConvTranspose MatMul Gemm MaxPool AveragePool GlobalMaxPool GlobalAveragePool BatchNormalization InstanceNormalization";

    /// <summary>The set of all names in texts with blanks between them.</summary>
    public static FrozenSet<string> SetOf(params string[] groups) => groups.SelectMany(group => group.Split(' ')).ToFrozenSet();
}
