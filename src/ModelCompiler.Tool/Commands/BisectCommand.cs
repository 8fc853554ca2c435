using System.CommandLine;
using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Commands;

/// <summary><c>modelc bisect</c>: the change of a float pass that alters an answer.</summary>
internal sealed class BisectCommand(Streams streams)
{
    /// <summary>Runs on random inputs, where there are no samples.</summary>
    private const int RandomRuns = 4;

    private readonly Argument<string> _model = ModelArguments.Model();
    private readonly Option<string?> _data = ModelArguments.Data("Samples: a .npz, a .npy or a folder of them; a few random ones without.");
    private readonly Option<double> _tolerance = new("--tolerance")
    {
        Description = "The relative difference that rounding may make; a tenth of it is allowed absolutely.",
        DefaultValueFactory = _ => OutputTolerance.Float32.Relative,
    };

    private readonly Option<string[]> _dimensions = ModelArguments.Dimensions();
    private readonly Option<bool> _json = ModelArguments.Json();

    public static Command Create(Streams streams) => new BisectCommand(streams).Create();

    private Command Create()
    {
        _tolerance.Validators.Add(result =>
        {
            if (ModelArguments.IsBelow(result, 0)) result.AddError("--tolerance should not be negative.");
        });
        var command = new Command("bisect", "Finds the pass, and its change, that alters a model's answers.") { _model, _data, _tolerance, _dimensions, _json };
        command.SetAction((result, cancellationToken) => Task.FromResult(Run(result, cancellationToken)));
        return command;
    }

    private int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        (Model model, InferenceSession session) = ModelFiles.Open(arguments.GetRequiredValue(_model), new SessionOptions());
        using (session)
        {
            FunctionInliner.Inline(model);
            double relative = arguments.GetValue(_tolerance);
            var bisection = new PassBisection(model, PassPipeline.Float, TargetProfile.CpuPortable, new OutputTolerance(relative, relative / 10));
            streams.Error.WriteLine("running the passes with ever other numbers of changes");
            CulpritChange? culprit = bisection.Find(Samples(model, session, arguments), cancellationToken);
            if (arguments.GetValue(_json)) streams.Output.Write(JsonText.Of(new BisectDocument(culprit is null, relative, culprit)));
            else Write(culprit);
            return ExitCode.Done;
        }
    }

    private IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> Samples(Model model, InferenceSession session, ParseResult arguments)
    {
        if (arguments.GetValue(_data) is { } data) return SampleSet.Open(data, SampleInput.Of(model)).Read().Select(batch => batch.Inputs);
        IReadOnlyDictionary<string, long> dimensions = ModelArguments.ParseDimensions(arguments.GetValue(_dimensions));
        return Enumerable.Range(1, RandomRuns).Select(seed => RandomInputs.Create(session.Inputs, 1, dimensions, seed));
    }

    private void Write(CulpritChange? culprit)
    {
        if (culprit is null)
        {
            streams.Output.WriteLine("the answers agree: no pass alters them");
            return;
        }
        new TextTable()
            .Add("pass", culprit.Change.Pass)
            .Add("node", culprit.Change.Where)
            .Add("change", culprit.Change.Text)
            .Add("number", string.Create(CultureInfo.InvariantCulture, $"{culprit.Number} of {culprit.Total} changes, found in {culprit.Runs} runs"))
            .Add("sample", culprit.Sample.ToString(CultureInfo.InvariantCulture))
            .Add("difference", culprit.Difference)
            .WriteTo(streams.Output);
    }

    internal sealed record BisectDocument(bool Agrees, double Tolerance, CulpritChange? Culprit);
}
