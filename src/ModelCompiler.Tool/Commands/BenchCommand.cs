using System.CommandLine;
using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Commands;

/// <summary><c>modelc bench</c>: latency of models against each other.</summary>
internal sealed class BenchCommand(Streams streams)
{
    private readonly Argument<string[]> _models = new("models") { Description = "ONNX files; ratios are to the first.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<int> _batch = ModelArguments.Batch();
    private readonly Option<int> _threads = ModelArguments.Threads();
    private readonly Option<int?> _runs = new("--runs") { Description = "Rounds, in each of which every model has its turn." };
    private readonly Option<double> _seconds = new("--seconds") { Description = "How long to measure, where --runs is not given.", DefaultValueFactory = _ => LatencyBudget.Default.Time.TotalSeconds };
    private readonly Option<string[]> _dimensions = ModelArguments.Dimensions();
    private readonly Option<string?> _data = ModelArguments.Data("A .npz, .npy or folder whose first samples are the inputs; random ones without.");
    private readonly Option<string> _provider = ModelArguments.Provider();
    private readonly Option<bool> _json = ModelArguments.Json();

    public static Command Create(Streams streams) => new BenchCommand(streams).Create();

    private Command Create()
    {
        _runs.Validators.Add(result =>
        {
            if (ModelArguments.IsBelow(result, 1)) result.AddError("--runs should be at least 1.");
        });
        _seconds.Validators.Add(result =>
        {
            if (ModelArguments.IsBelow(result, 0)) result.AddError("--seconds should not be negative.");
        });
        var command = new Command("bench", "Times models against each other, interleaved so that a drifting machine cannot favour one.")
        {
            _models, _batch, _threads, _runs, _seconds, _dimensions, _data, _provider, _json,
        };
        command.SetAction((result, cancellationToken) => Task.FromResult(Run(result, cancellationToken)));
        return command;
    }

    private int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        string[] paths = arguments.GetRequiredValue(_models);
        int batch = arguments.GetValue(_batch);
        int threads = arguments.GetValue(_threads);
        SessionOptions options = ModelArguments.SessionOptions(threads, arguments.GetValue(_provider)!);
        IReadOnlyDictionary<string, long> dimensions = ModelArguments.ParseDimensions(arguments.GetValue(_dimensions));
        var models = new List<(InferenceSession Session, IReadOnlyList<(string Name, TensorBuffer Value)> Inputs)>();
        try
        {
            foreach (string path in paths)
            {
                (Model model, InferenceSession session) = ModelFiles.Open(path, options);
                models.Add((session, []));
                models[^1] = (session, ModelArguments.Inputs(model, session, arguments.GetValue(_data), batch, dimensions));
            }
            streams.Error.WriteLine($"timing {paths.Length} {(paths.Length == 1 ? "model" : "models")}");
            var budget = new LatencyBudget(TimeSpan.FromSeconds(arguments.GetValue(_seconds)), arguments.GetValue(_runs));
            LatencyResult result = LatencyComparison.Measure(models, budget, cancellationToken);
            var document = new BenchDocument([.. paths.Zip(result.Figures, (path, f) => new BenchEntry(path, f.MedianMs, f.P95Ms, f.Ratio))], batch, threads, result.Rounds);
            if (arguments.GetValue(_json)) streams.Output.Write(JsonText.Of(document));
            else Write(document);
            return ExitCode.Done;
        }
        finally
        {
            models.ForEach(model => model.Session.Dispose());
        }
    }

    private void Write(BenchDocument document)
    {
        var table = new TextTable(1, 2, 3).Add("model", "median", "p95", "ratio");
        foreach (BenchEntry entry in document.Models)
            table.Add(entry.Path, Figures.Milliseconds(entry.MedianMs), Figures.Milliseconds(entry.P95Ms), Figures.Ratio(entry.Ratio));
        table.WriteTo(streams.Output);
        streams.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"batch {document.Batch}, threads {document.Threads}, runs {document.Runs}"));
    }

    internal sealed record BenchEntry(string Path, double MedianMs, double P95Ms, double Ratio);

    internal sealed record BenchDocument(IReadOnlyList<BenchEntry> Models, int Batch, int Threads, int Runs);
}
