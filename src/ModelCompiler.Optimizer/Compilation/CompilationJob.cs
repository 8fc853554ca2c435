using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation.Precisions;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>One compilation under way: the prepared model, and what it is compared with.</summary>
internal sealed record CompilationJob
{
    /// <summary>Passes on the model, and what they recorded.</summary>
    public required PassContext Passes { get; init; }

    /// <summary>The model as it was given.</summary>
    public required SourceModel Given { get; init; }

    public required CompileOptions Options { get; init; }

    /// <summary>Unlabelled samples; null for none.</summary>
    public SampleSet? Samples { get; init; }

    /// <summary>Labelled samples; null for none.</summary>
    public SampleSet? Labelled { get; init; }

    /// <summary>Names of the outputs that the model has only while it is compiled (<see cref="JudgedValues"/>).</summary>
    public IReadOnlySet<string> Judged { get; init; } = new HashSet<string>();

    /// <summary>What is to be said of the model as it came.</summary>
    public IReadOnlyList<(string Code, string Message)> SourceWarnings { get; init; } = [];

    /// <summary>Compares with the model as it was given; null where there is nothing to run it on.</summary>
    public ModelEvaluator? Evaluator { get; init; }

    public IProgress<string>? Progress { get; init; }

    public CancellationToken Cancellation { get; init; }

    public Model Model => Passes.Model;

    /// <summary>The model before a method prepared it: what ships in floating point, whatever was asked for, has gone through the passes for that alone.</summary>
    public Model? Unprepared { get; private set; }

    /// <summary>Stores what stayed in floating point as it came: a model in 16 bits that is computed in float32 (see <see cref="HalfWidening"/>) does not grow by that.</summary>
    public void StoreAsGiven(Model compiled)
    {
        foreach (HalfFormat format in GivenFormats) new HalfStorage(format).Apply(new PassContext(compiled, Options.Target));
    }

    /// <summary>Whether the model came in 16 bits and is computed in float32.</summary>
    public bool CameInHalf => GivenFormats.Any();

    private IEnumerable<HalfFormat> GivenFormats =>
        ((HalfFormat[])[HalfFormat.Float16, HalfFormat.BFloat16]).Where(format => Passes.Changes.Any(change => change.Pass == HalfWidening.NameFor(format)));

    /// <summary>Whether the model came in float64 and is computed in float32.</summary>
    public bool IsNarrowed => Passes.Changes.Any(change => change.Pass == DoubleNarrowing.PassName);

    /// <summary>Random inputs where the user gave no samples; null where there are samples, or the model runs on nothing that was tried.</summary>
    public SampleSet? MadeUp { get; init; }

    /// <summary>Inputs to run the model on, whichever there are.</summary>
    public SampleSet? AnySamples => Samples ?? Labelled ?? MadeUp;

    /// <summary>Single samples to look into the model with.</summary>
    public IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> Inputs(SampleSet samples, long count) =>
        samples.Inputs(count, Cancellation);

    /// <summary>How a compiled model agrees with the source, on all samples where there is a budget, and its accuracy; null without samples.</summary>
    /// <exception cref="CompilerException">There are no samples, and a budget that needs some (OM4003).</exception>
    public Evaluation? Evaluate(CompiledModel compiled)
    {
        // Random inputs show that the same is computed, and nothing about accuracy.
        if (Budget is { } budget && (AnySamples is null or { IsMadeUp: true })) throw DiagnosticTable.AccuracyNotMeasured.Error(budget.Points.ToString(CultureInfo.InvariantCulture));
        // Thousands of labelled samples take longer than all else.
        if (Labelled is not null) Progress?.Report($"measuring the accuracy on {Labelled.Count} samples");
        return Evaluator?.Evaluate(compiled.StandIn ?? compiled.Image, Budget is not null, Cancellation);
    }

    /// <summary>What may be lost where <see cref="CompileOptions.MaxAccuracyDrop"/> says nothing; null for anything.</summary>
    public AccuracyBudget? DefaultBudget { get; init; }

    /// <summary>What may be lost; null for anything.</summary>
    public AccuracyBudget? Budget => Options.MaxAccuracyDrop is { } points ? new AccuracyBudget(points, ForgivesTies: false) : DefaultBudget;

    /// <summary>Sees to it that the budget holds, whatever the method did for it: not each has something to keep more exact, and a plan leaves nothing to choose.</summary>
    /// <exception cref="CompilerException">It does not (OM4001, OM4019).</exception>
    public void RequireBudget(CompiledModel compiled)
    {
        if (Budget is { } budget && !budget.Holds(compiled.Evaluation)) throw budget.Missed(this, compiled, worst: null);
    }

    /// <summary>Brings the model into the form that a method works on.</summary>
    public void Prepare(IPrecisionMethod method)
    {
        if (method.NarrowsDouble) DoubleSource.Narrow(this);
        if (method.Preparation != PassPipeline.Float) Unprepared = Model.Clone();
        method.Preparation.Run(Passes, Cancellation);
    }

    /// <summary>Raises the operator set to what <see cref="CompileOptions.Precision"/> needs, and prepares again: newer forms bring constants and nodes that fold.</summary>
    public void RaiseOpset(long version, PassPipeline preparation)
    {
        if (Model.Opset >= version) return;
        OpsetConverter.Convert(Model, version, $"Precision=\"{Options.Precision}\"");
        preparation.Run(Passes, Cancellation);
    }
}
