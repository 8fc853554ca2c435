using System.Runtime.InteropServices;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>What every structural pass promises: ONNX Runtime, without rewrites of its own, gives the same bits before and after.</summary>
internal static class BitExact
{
    // Symbolic dimensions are this, unless a test feeds something else.
    private const long SymbolicSize = 3;

    /// <summary>Asserts that a pass changes the model, leaves exactly <paramref name="operators"/>, the answers as they were, and nothing to do for itself.</summary>
    public static Model Rewrites(IPass pass, Func<Model> build, params string[] operators) => Rewrites(pass, build, null, operators);

    /// <inheritdoc cref="Rewrites(IPass, Func{Model}, string[])"/>
    public static Model Rewrites(IPass pass, Func<Model> build, IReadOnlyDictionary<string, Tensor>? feeds, params string[] operators)
    {
        Model model = build();
        PassContext context = GraphAssert.Apply(pass, model);
        Assert.Equal(operators, model.Graph.Operators());
        Assert.NotEqual(0, context.ChangeCount);
        GraphAssert.SecondRunChangesNothing(pass, model);
        SameAnswers(build(), model, feeds);
        return model;
    }

    /// <summary>Asserts that a pass changes nothing, whatever it says.</summary>
    public static void LeavesAlone(IPass pass, Model model)
    {
        string[] before = model.Graph.Operators();
        Assert.Equal(0, GraphAssert.Apply(pass, model).ChangeCount);
        Assert.Equal(before, model.Graph.Operators());
    }

    /// <summary>Asserts that both models have the same outputs on the same inputs: the given ones, else floats that are special, and others at random.</summary>
    public static void SameAnswers(Model original, Model rewritten, IReadOnlyDictionary<string, Tensor>? feeds = null, string what = "")
    {
        Tensor[] expected = Run(original, feeds);
        Tensor[] actual = Run(rewritten, feeds);
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) AreSame(expected[i], actual[i], $"{what} output '{original.Graph.Outputs[i]}'");
    }

    /// <summary>Runs a model, by default without ONNX Runtime's own rewrites. Inputs that the model no longer has are left out.</summary>
    public static Tensor[] Run(Model model, IReadOnlyDictionary<string, Tensor>? feeds = null, GraphOptimization level = GraphOptimization.None)
    {
        using var session = InferenceSession.Open(OnnxWriter.ToBytes(model), new SessionOptions { GraphOptimization = level, ConfigEntries = NoPrepacking });
        (string, TensorBuffer)[] inputs = [.. model.Graph.Inputs.Select((input, i) => (input.Name, TensorExchange.ToBuffer(feeds?.GetValueOrDefault(input.Name) ?? Default(input, i))))];
        return Array.ConvertAll(session.Run(inputs), TensorExchange.ToTensor);
    }

    /// <summary>The same; null where ONNX Runtime fails.</summary>
    public static Tensor[]? RunOrNull(Model model, IReadOnlyDictionary<string, Tensor> feeds, GraphOptimization level = GraphOptimization.None)
    {
        try
        {
            return Run(model, feeds, level);
        }
        catch (OnnxRuntimeException)
        {
            return null;
        }
    }

    // A recurrent kernel sums in another order once its weights are constant, be it by our folding or by ONNX Runtime's, and it packs them.
    private static readonly Dictionary<string, string> NoPrepacking = new() { ["session.disable_prepacking"] = "1" };

    private static Tensor Default(Value input, int seed)
    {
        long[] dims = [.. input.Shape!.Select(dim => dim.ValueOrNull ?? SymbolicSize)];
        return input.ElementType == ElementType.Float ? TestTensors.Special(dims) : TestTensors.Random(input.ElementType, seed, dims);
    }

    /// <summary>Asserts the same type, dimensions and bits. A NaN is a NaN: ONNX Runtime's kernels do not keep its payload themselves.</summary>
    public static void AreSame(Tensor expected, Tensor actual, string what)
    {
        Assert.True(expected.ToString() == actual.ToString(), $"{what} is {actual}, expected {expected}");
        if (expected.ElementType == ElementType.String)
        {
            Assert.Equal(expected.StringData.ToArray().Select(s => s.ToArray()), actual.StringData.ToArray().Select(s => s.ToArray()));
            return;
        }
        if (expected.Bytes.SequenceEqual(actual.Bytes)) return;
        int at = FirstDifference(expected, actual);
        Assert.True(at < 0, $"{what} differs in element {at} of {expected.ElementCount}");
    }

    private static int FirstDifference(Tensor expected, Tensor actual) => expected.ElementType switch
    {
        ElementType.Float => FirstDifference<float>(expected, actual),
        ElementType.Double => FirstDifference<double>(expected, actual),
        ElementType.Float16 => FirstDifference<Half>(expected, actual),
        _ => FirstDifference<byte>(expected, actual),
    };

    private static int FirstDifference<T>(Tensor expected, Tensor actual) where T : unmanaged
    {
        ReadOnlySpan<T> left = MemoryMarshal.Cast<byte, T>(expected.Bytes), right = MemoryMarshal.Cast<byte, T>(actual.Bytes);
        for (int i = 0; i < left.Length; i++)
        {
            // Equals takes every NaN as the same, but also −0 as 0.
            bool areSame = left[i].Equals(right[i]) && (IsNaN(left[i]) || MemoryMarshal.AsBytes(left.Slice(i, 1)).SequenceEqual(MemoryMarshal.AsBytes(right.Slice(i, 1))));
            if (!areSame) return i;
        }
        return -1;
    }

    private static bool IsNaN<T>(T value) => value is float.NaN or double.NaN || (value is Half half && Half.IsNaN(half));
}
