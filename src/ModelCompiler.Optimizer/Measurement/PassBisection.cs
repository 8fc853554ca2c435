using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>The change that alters an answer.</summary>
/// <param name="Change">Which pass did what at which node.</param>
/// <param name="Number">It is the n-th change of the pipeline, from 1.</param>
/// <param name="Total">How many changes the pipeline makes in all.</param>
/// <param name="Runs">How many times the pipeline was run to find it: at most ⌈log₂ Total⌉ + 1.</param>
public sealed record CulpritChange(PassEvent Change, int Number, int Total, int Runs);

/// <summary>
/// Finds the change that alters a model's answers: the pipeline is run on copies with ever other budgets of changes, by halving. With no change the
/// answers agree, with all of them they do not, so there is a change that makes the difference.
/// </summary>
public sealed class PassBisection
{
    private readonly Model _model;
    private readonly PassPipeline _pipeline;
    private readonly TargetProfile _target;
    private readonly IReadOnlyList<(string Name, TensorBuffer Value)> _inputs;
    private readonly IReadOnlyList<(string Name, TensorBuffer Value)> _expected;
    private readonly OutputTolerance _tolerance;

    /// <summary>Runs the original model once. It is not changed.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the original model.</exception>
    public PassBisection(Model model, PassPipeline pipeline, TargetProfile target, IReadOnlyList<(string Name, TensorBuffer Value)> inputs, OutputTolerance tolerance)
    {
        _model = model;
        _pipeline = pipeline;
        _target = target;
        _inputs = inputs;
        _tolerance = tolerance;
        _expected = Answer(model);
    }

    /// <summary>The first change after which the answers differ; null where they agree after all of them.</summary>
    public CulpritChange? Find(CancellationToken cancellationToken = default)
    {
        PassContext last = Optimize(int.MaxValue, cancellationToken);
        if (Agrees(last.Model)) return null;
        int total = last.ChangeCount;
        int runs = 1;
        // good changes agree, bad ones do not.
        int good = 0, bad = total;
        while (bad - good > 1)
        {
            int middle = good + ((bad - good) / 2);
            PassContext context = Optimize(middle, cancellationToken);
            runs++;
            if (Agrees(context.Model)) good = middle;
            else (bad, last) = (middle, context);
        }
        return new CulpritChange(last.Changes[bad - 1], bad, total, runs);
    }

    private PassContext Optimize(int changes, CancellationToken cancellationToken)
    {
        var context = new PassContext(_model.Clone(), _target) { ChangeBudget = changes };
        _pipeline.Run(context, cancellationToken);
        return context;
    }

    /// <summary>A model that no longer runs does not agree.</summary>
    private bool Agrees(Model model)
    {
        try
        {
            return _tolerance.Agree(_expected, Answer(model));
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
    }

    /// <summary>The outputs without ONNX Runtime's own rewrites, whose rounding would only add noise.</summary>
    private IReadOnlyList<(string Name, TensorBuffer Value)> Answer(Model model)
    {
        using var session = InferenceSession.Open(OnnxWriter.ToBytes(model), new SessionOptions { GraphOptimization = GraphOptimization.None });
        var names = session.Inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        TensorBuffer[] outputs = session.Run([.. _inputs.Where(input => names.Contains(input.Name))]);
        return [.. session.Outputs.Select(output => output.Name).Zip(outputs)];
    }
}
