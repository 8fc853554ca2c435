using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// What a model does to an input before anything else, where that is arithmetic with constants: it tells how large the numbers are that the model was made for.
/// (x − 127.5) / 58 takes pixels of 0 to 255, and a BatchNormalization of columns holds their means and variances.
/// </summary>
internal sealed class LeadingArithmetic
{
    private readonly List<Step> _steps = [];

    private LeadingArithmetic()
    {
    }

    /// <summary>By the name of the input; inputs that meet none, or none that scales, are not there.</summary>
    public static IReadOnlyDictionary<string, LeadingArithmetic> Of(Graph graph)
    {
        var found = new Dictionary<string, LeadingArithmetic>();
        foreach (Value input in graph.Inputs)
        {
            var arithmetic = new LeadingArithmetic();
            if (input.Shape is { } shape && input.ElementType.IsFloatingPoint()) arithmetic.Follow(input, shape.Rank);
            if (arithmetic._steps.Any(step => step.Operator is "Mul" or "Div")) found.Add(input.Name, arithmetic);
        }
        return found;
    }

    /// <summary>Makes of numbers that are wanted behind the arithmetic those that are to be put in before it; where no finite ones give them, they stay.</summary>
    public void Undo(TensorBuffer tensor)
    {
        Span<float> numbers = tensor.AsSpan<float>();
        var inputs = new float[numbers.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            double number = numbers[i];
            for (int step = _steps.Count - 1; step >= 0; step--) number = _steps[step].Undo(number, i, tensor.Shape);
            if (!float.IsFinite(inputs[i] = (float)number)) return;
        }
        inputs.CopyTo(numbers);
    }

    private void Follow(Value value, int rank)
    {
        while (value is { Uses: [var use], IsOutput: false } && use.Node is { Domain: "" } node)
        {
            if (node.OpType is "Add" or "Sub" or "Mul" or "Div")
            {
                bool isCommutative = node.OpType is "Add" or "Mul";
                if (use.Index != 0 && !isCommutative) return;
                if (node.Constant(1 - use.Index) is not { } constant || NumbersOf(constant) is not { } numbers || constant.Rank > rank) return;
                _steps.Add(new Step(node.OpType, numbers, constant.Dims.ToArray()));
            }
            else if (node.OpType == "BatchNormalization" && use.Index == 0)
            {
                if (NumbersOf(node.Constant(3)) is not { } means || NumbersOf(node.Constant(4)) is not { } variances || rank < 2) return;
                float epsilon = node.Attributes.GetFloat("epsilon", 1e-5f);
                long[] dims = [means.Length, .. Enumerable.Repeat(1L, rank - 2)];
                _steps.Add(new Step("Sub", means, dims));
                _steps.Add(new Step("Div", [.. variances.Select(v => MathF.Sqrt(v + epsilon))], dims));
                // Behind it numbers are as in training, whatever it scales them by.
                return;
            }
            else if (node.OpType != "Identity" && (node.OpType != "Cast" || !node.Outputs[0].ElementType.IsFloatingPoint())) return;
            value = node.Outputs[0];
        }
    }

    /// <summary>In float32; null where the type has no such numbers.</summary>
    private static float[]? NumbersOf(Tensor? tensor) => tensor?.ElementType switch
    {
        ElementType.Float => tensor.AsSpan<float>().ToArray(),
        ElementType.Float16 => Array.ConvertAll(tensor.AsSpan<Half>().ToArray(), number => (float)number),
        ElementType.Double => Array.ConvertAll(tensor.AsSpan<double>().ToArray(), number => (float)number),
        _ => null,
    };

    /// <summary>An operation with a constant, which is broadcast as ONNX does.</summary>
    private sealed record Step(string Operator, float[] Numbers, long[] Dims)
    {
        public double Undo(double result, int index, ReadOnlySpan<long> shape)
        {
            double number = Numbers[Place(index, shape)];
            return Operator switch
            {
                "Add" => result - number,
                "Sub" => result + number,
                "Mul" => result / number,
                _ => result * number,
            };
        }

        private int Place(int index, ReadOnlySpan<long> shape)
        {
            long rest = index, place = 0, stride = 1;
            for (int back = 1; back <= Dims.Length; back++)
            {
                long size = shape[^back];
                if (Dims[^back] == size) place += rest % size * stride;
                rest /= size;
                stride *= Dims[^back];
            }
            return (int)place;
        }
    }
}
