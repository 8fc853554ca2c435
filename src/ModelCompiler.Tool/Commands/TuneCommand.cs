using System.CommandLine;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Tool.Compilation;
using ModelCompiler.Tool.Settings;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Commands;

/// <summary><c>modelc tune</c>: measures what the settings leave open, and writes the plan beside the model.</summary>
internal sealed class TuneCommand(Streams streams)
{
    private readonly Argument<string> _model = ModelArguments.Model();
    private readonly Option<bool> _json = ModelArguments.Json();
    private readonly SettingOptions _settings = new();

    public static Command Create(Streams streams) => new TuneCommand(streams).Create();

    private Command Create()
    {
        var command = new Command("tune", "Searches for the best way to compile a model, and writes <model>.plan.json beside it, to be checked in. The options are the settings of an OptimizedModel item.")
        {
            _model, _json,
        };
        _settings.AddTo(command);
        command.SetAction((result, cancellationToken) => Task.FromResult(Run(result, cancellationToken)));
        return command;
    }

    private int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        ItemSettings settings = _settings.Read(arguments);
        // Without a precision there is one to find.
        if (settings.Precision == Precision.Float32) settings = settings with { Precision = Precision.Auto };
        string model = arguments.GetRequiredValue(_model);
        var compilation = new ModelCompilation { Source = model, Name = Path.GetFileNameWithoutExtension(model), OutputDirectory = "", Settings = settings };
        CompileResult result = compilation.Tune(streams.Progress(), cancellationToken);
        var report = new TuneReport(PlanFile.PathOf(model), result.Plan.Precision.ToString(), result.Plan.Choices, result.Plan.Layers, result.LatencyRatio);
        if (arguments.GetValue(_json)) streams.Output.Write(JsonText.Of(report));
        else Write(report, result);
        return ExitCode.Done;
    }

    private void Write(TuneReport report, CompileResult result)
    {
        var table = new TextTable().Add("precision", result.Plan.ToString());
        if (report.LatencyRatio is { } ratio) table.Add("latency", $"{Figures.Ratio(ratio)} of the source's");
        if (result.Accuracy is { } accuracy) table.Add("accuracy", $"{Figures.Percent(accuracy.Source / 100)} -> {Figures.Percent(accuracy.Compiled / 100)}");
        table.Add("plan", report.Plan);
        table.WriteTo(streams.Output, "");
    }

    /// <summary>The JSON document of the command.</summary>
    internal sealed record TuneReport(string Plan, string Precision, IReadOnlyDictionary<string, string> Choices, IReadOnlyDictionary<string, string> Layers, double? LatencyRatio);
}
