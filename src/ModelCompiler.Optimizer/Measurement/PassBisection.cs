using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>The change that alters an answer.</summary>
/// <param name="Change">Which pass did what at which node.</param>
/// <param name="Number">It is the n-th change of the pipeline, from 1.</param>
/// <param name="Total">How many changes the pipeline makes in all.</param>
/// <param name="Runs">How many times the pipeline was run to find it: at most ⌈log₂ Total⌉ + 1.</param>
/// <param name="Sample">The inputs that show it: the n-th, from 1.</param>
/// <param name="Difference">What differs after the change.</param>
public sealed record CulpritChange(PassEvent Change, int Number, int Total, int Runs, int Sample, string Difference);

/// <summary>
/// Finds the change that alters a model's answers: the pipeline is run on copies with ever other budgets of changes, by halving. With no change the
/// answers agree, with all of them they do not, so there is a change that makes the difference. The model is not changed.
/// </summary>
public sealed class PassBisection(Model model, PassPipeline pipeline, TargetProfile target, OutputTolerance tolerance)
{
    // ONNX Runtime's own rewrites would add their rounding, and kernels that pack constant weights sum in another order than they do with computed ones.
    private static readonly SessionOptions Plain = new()
    {
        GraphOptimization = GraphOptimization.None,
        ConfigEntries = new Dictionary<string, string> { ["session.disable_prepacking"] = "1" },
    };

    /// <summary>The first change after which the answers to some inputs differ; null where they agree after all of them.</summary>
    /// <param name="samples">The inputs of each run, tried in order until one shows a difference.</param>
    /// <param name="cancellationToken">Stops between passes and runs.</param>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the original model.</exception>
    public CulpritChange? Find(IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken = default)
    {
        PassContext whole = Optimize(int.MaxValue, cancellationToken);
        if (FirstDifference(whole.Model, samples) is not { } difference) return null;
        return Halve(whole, difference, cancellationToken);
    }

    private CulpritChange Halve(PassContext last, SampleDifference shown, CancellationToken cancellationToken)
    {
        int total = last.ChangeCount;
        int runs = 1;
        // good changes agree, bad ones do not.
        int good = 0, bad = total;
        string difference = shown.Text;
        while (bad - good > 1)
        {
            int middle = good + ((bad - good) / 2);
            PassContext context = Optimize(middle, cancellationToken);
            runs++;
            if (Difference(shown, context.Model) is { } text) (bad, last, difference) = (middle, context, text);
            else good = middle;
        }
        return new CulpritChange(last.Changes[bad - 1], bad, total, runs, shown.Number, difference);
    }

    private PassContext Optimize(int changes, CancellationToken cancellationToken)
    {
        var context = new PassContext(model.Clone(), target) { ChangeBudget = changes };
        pipeline.Run(context, cancellationToken);
        return context;
    }

    private SampleDifference? FirstDifference(Model changed, IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples)
    {
        using ModelImage image = ModelImage.Of(model), changedImage = ModelImage.Of(changed);
        using InferenceSession original = Open(image);
        using InferenceSession? optimized = TryOpen(changedImage, out string? refusal);
        int number = 0;
        foreach (IReadOnlyList<(string Name, TensorBuffer Value)> inputs in samples)
        {
            number++;
            IReadOnlyList<(string Name, TensorBuffer Value)> expected = Answer(original, inputs);
            string? text = optimized is null ? refusal : Difference(expected, optimized, inputs);
            if (text is not null) return new SampleDifference(number, inputs, expected, text);
        }
        return null;
    }

    private string? Difference(SampleDifference shown, Model changed)
    {
        using ModelImage image = ModelImage.Of(changed);
        using InferenceSession? session = TryOpen(image, out string? refusal);
        return session is null ? refusal : Difference(shown.Expected, session, shown.Inputs);
    }

    /// <summary>How the answer differs from the expected one, or null. A model that no longer runs does not agree.</summary>
    private string? Difference(IReadOnlyList<(string Name, TensorBuffer Value)> expected, InferenceSession changed, IReadOnlyList<(string Name, TensorBuffer Value)> inputs)
    {
        try
        {
            return tolerance.Difference(expected, Answer(changed, inputs));
        }
        catch (OnnxRuntimeException e)
        {
            return e.Message;
        }
    }

    private static InferenceSession? TryOpen(ModelImage image, out string? refusal)
    {
        try
        {
            refusal = null;
            return Open(image);
        }
        catch (OnnxRuntimeException e)
        {
            refusal = e.Message;
            return null;
        }
    }

    private static IReadOnlyList<(string Name, TensorBuffer Value)> Answer(InferenceSession session, IReadOnlyList<(string Name, TensorBuffer Value)> inputs)
    {
        var names = session.Inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        TensorBuffer[] outputs = session.Run([.. inputs.Where(input => names.Contains(input.Name))]);
        return [.. session.Outputs.Select(output => output.Name).Zip(outputs)];
    }

    private static InferenceSession Open(ModelImage image) => image.Open(Plain);

    private sealed record SampleDifference(
        int Number, IReadOnlyList<(string Name, TensorBuffer Value)> Inputs, IReadOnlyList<(string Name, TensorBuffer Value)> Expected, string Text);
}
