using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>What a comparison found: how the outputs agree and, where there are labels, how accurate both models are.</summary>
public sealed record ComparisonResult(Agreement Agreement, (Accuracy A, Accuracy B)? Accuracy);

/// <summary>Runs two models on the same samples, one run at a time, and measures how their outputs agree.</summary>
public static class OutputComparison
{
    /// <summary>Compares all outputs that the models share by name; where they share none and have equally many, by position. Inputs are matched in the same way.</summary>
    /// <param name="a">The reference.</param>
    /// <param name="b">The model in question.</param>
    /// <param name="samples">Inputs for <paramref name="a"/>, and labels if there are any.</param>
    /// <param name="batchSize">Samples per run, where the model leaves that open.</param>
    /// <param name="reference">Keeps what <paramref name="a"/> answers, for comparisons of other models with it on the same samples; null to run it each time.</param>
    /// <param name="random">Outputs of <paramref name="a"/> that are another at each run, and not compared unless there are no others.</param>
    /// <param name="choiceAxes">Dimensions along which outputs of <paramref name="a"/> have what they choose from, where that is not the last one (see <see cref="ChoiceAxes"/>).</param>
    /// <param name="progress">Told how many samples are done.</param>
    /// <param name="cancellationToken">Stops the comparison.</param>
    /// <exception cref="CompilerException">The models do not match, or a sample cannot be read or has infinities that <paramref name="a"/> does not answer finitely.</exception>
    /// <exception cref="ModelCompilerException">A run failed.</exception>
    public static ComparisonResult Run(
        InferenceSession a, InferenceSession b, SampleSet samples, int batchSize = 1, ReferenceRuns? reference = null, IReadOnlySet<string>? random = null, IReadOnlyDictionary<string, int>? choiceAxes = null, IProgress<long>? progress = null,
        CancellationToken cancellationToken = default) =>
        Run((a.Inputs, a.Outputs, () => a), b, samples, batchSize, reference, random, choiceAxes, progress, cancellationToken);

    /// <summary>The same of a reference that is opened only where its answers are not known.</summary>
    internal static ComparisonResult Run(
        (IReadOnlyList<TensorInfo> Inputs, IReadOnlyList<TensorInfo> Outputs, Func<InferenceSession> Open) a,
        InferenceSession b,
        SampleSet samples,
        int batchSize,
        ReferenceRuns? reference,
        IReadOnlySet<string>? random,
        IReadOnlyDictionary<string, int>? choiceAxes,
        IProgress<long>? progress,
        CancellationToken cancellationToken)
    {
        (string A, string B)[] inputs = [.. Pair("inputs", a.Inputs, b.Inputs)];
        (string A, string B)[] outputs = [.. Pair("outputs", a.Outputs, b.Outputs)];
        string[] outputsOfA = Compared([.. outputs.Select(pair => pair.A)], random);
        outputs = [.. outputs.Where(pair => outputsOfA.Contains(pair.A))];
        string[] outputsOfB = [.. outputs.Select(pair => pair.B)];
        OutputAccumulator[] accumulators = [.. outputs.Select(pair => new OutputAccumulator(pair.A)
        {
            HasOpenSize = IsOpen(a.Outputs, pair.A) && IsOpen(b.Outputs, pair.B),
            ChoiceAxis = choiceAxes is not null && choiceAxes.TryGetValue(pair.A, out int axis) ? axis : null,
        })];
        // Where a value is made of several tensors, none of them alone gives classes.
        int[] tensors = [.. Enumerable.Range(0, outputs.Length).Where(i => a.Outputs.First(output => output.Name == outputs[i].A).Kind == ValueKind.Tensor)];
        var accuracyOfA = new AccuracyCounter();
        var accuracyOfB = new AccuracyCounter();
        long done = 0;
        int index = 0;
        foreach (SampleBatch batch in samples.Read(batchSize, cancellationToken))
        {
            TensorBuffer[][] fromA = reference is null ? RunA() : reference.Of(index++, outputsOfA, RunA);
            if (batch.NotFinite is { } error && !fromA.All(value => value.All(TensorValues.AreFinite))) throw error;
            TensorBuffer[][] fromB = ValueTensors.Run(b, [.. inputs.Select(pair => (pair.B, batch[pair.A]))], outputsOfB, cancellationToken);
            for (int i = 0; i < accumulators.Length; i++) accumulators[i].Add(fromA[i], fromB[i], batch.Rows, batch.ValidRows);
            if (samples.HasLabels)
            {
                accuracyOfA.Add([.. tensors.Select(i => (outputsOfA[i], fromA[i][0]))], batch.Rows, batch.Labels.Span);
                accuracyOfB.Add([.. tensors.Select(i => (outputsOfB[i], fromB[i][0]))], batch.Rows, batch.Labels.Span);
            }
            progress?.Report(done += batch.ValidRows);

            TensorBuffer[][] RunA() => ValueTensors.Run(a.Open(), batch.Inputs, outputsOfA, cancellationToken);
        }
        var agreement = new Agreement(checked((int)samples.Count), [.. accumulators.Select(accumulator => accumulator.Result())], samples.IsMadeUp);
        return new ComparisonResult(agreement, samples.HasLabels ? (accuracyOfA.Result, accuracyOfB.Result) : null);
    }

    /// <summary>The outputs that are compared, in this order: those that are not another at each run, unless there are no others.</summary>
    internal static string[] Compared(IReadOnlyList<string> outputs, IReadOnlySet<string>? random) =>
        outputs.All(output => random?.Contains(output) is true) ? [.. outputs] : [.. outputs.Where(output => random?.Contains(output) is not true)];

    private static bool IsOpen(IReadOnlyList<TensorInfo> outputs, string output) => !outputs.First(info => info.Name == output).HasFixedShape;

    private static IEnumerable<(string A, string B)> Pair(string what, IReadOnlyList<TensorInfo> a, IReadOnlyList<TensorInfo> b)
    {
        var namesOfB = b.Select(info => info.Name).ToHashSet();
        string[] shared = [.. a.Select(info => info.Name).Where(namesOfB.Contains)];
        // An input without data cannot be run; an output that one model lacks is not compared.
        bool isEnough = what == "inputs" ? shared.Length == b.Count : shared.Length > 0;
        if (isEnough) return shared.Select(name => (name, name));
        if (shared.Length == 0 && a.Count == b.Count) return a.Zip(b, (x, y) => (x.Name, y.Name));
        throw DiagnosticTable.ModelsNotComparable.Error(what, string.Join(", ", a.Select(info => info.Name)), string.Join(", ", b.Select(info => info.Name)));
    }
}
