using System.CommandLine;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Tool.Compilation;
using ModelCompiler.Tool.Reports;
using ModelCompiler.Tool.Settings;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Commands;

/// <summary><c>modelc compile</c>: what the build does, for one model.</summary>
internal sealed class CompileCommand(Streams streams)
{
    private readonly Argument<string> _model = ModelArguments.Model();
    private readonly Option<string> _output = new("--output", "-o") { Description = "The folder for the compiled model, its manifest and report.", Required = true };
    private readonly Option<string?> _name = new("--name") { Description = "Base name of the outputs; the model's without." };
    private readonly Option<bool> _explain = new("--explain") { Description = "List what each pass did and refused, with reasons." };
    private readonly Option<bool> _json = ModelArguments.Json();
    private readonly SettingOptions _settings = new();

    public static Command Create(Streams streams) => new CompileCommand(streams).Create();

    private Command Create()
    {
        var command = new Command("compile", "Optimizes a model and writes it with its manifest and a report. The options are the settings of an OptimizedModel item.")
        {
            _model, _output, _name, _explain, _json,
        };
        _settings.AddTo(command);
        command.SetAction((result, cancellationToken) => Task.FromResult(Run(result, cancellationToken)));
        return command;
    }

    private int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        bool isJson = arguments.GetValue(_json);
        ItemSettings settings = _settings.Read(arguments);
        string model = arguments.GetRequiredValue(_model);
        var compilation = new ModelCompilation
        {
            Source = model,
            Name = arguments.GetValue(_name) ?? Path.GetFileNameWithoutExtension(model),
            OutputDirectory = arguments.GetRequiredValue(_output),
            Settings = settings,
        };
        CompileReport report = compilation.Run(streams.Progress(), cancellationToken);
        foreach (Problem warning in report.Diagnostics) streams.Error.WriteLine(warning.ToString("modelc"));
        if (isJson) streams.Output.Write(JsonText.Of(report));
        else Write(report, arguments.GetValue(_explain));
        return ExitCode.Done;
    }

    private void Write(CompileReport report, bool isExplained)
    {
        int products = report.Nodes.Quantized + report.Nodes.Float;
        var table = new TextTable()
            .Add("precision", $"{report.PrecisionText}: {report.Nodes.Quantized} of {products} products on integers")
            .Add("size", $"{Figures.Bytes(report.SourceBytes)} -> {Figures.Bytes(report.Bytes)}");
        if (report.Accuracy is { } accuracy) table.Add("accuracy", $"{Figures.Percent(accuracy.A)} -> {Figures.Percent(accuracy.B)}");
        foreach (OutputAgreement output in report.Agreement?.Outputs ?? [])
        {
            string top1 = output.Top1Agreement is { } share ? $", same top-1 {Figures.Percent(share)}" : "";
            table.Add("agreement", output.Same is { } same ? $"{output.Name}: {Figures.Percent(same)} the same"
                : $"{output.Name}: cosine {Figures.Cosine(output.Cosine)}, SQNR {Figures.Decibels(output.SqnrDb)}{top1}");
        }
        if (report.LatencyRatio is { } ratio) table.Add("latency", $"{Figures.Ratio(ratio)} of the source's");
        table.Add("model", report.Model).Add("report", report.Report);
        streams.Output.WriteLine($"{report.Source} in {Figures.Significant(report.Seconds)} s");
        table.WriteTo(streams.Output, "  ");
        if (isExplained) WritePasses(report.Passes);
    }

    private void WritePasses(IReadOnlyList<PassLine> passes)
    {
        foreach (bool isApplied in new[] { true, false })
        {
            PassLine[] lines = [.. passes.Where(line => line.Applied == isApplied)];
            streams.Output.WriteLine($"{(isApplied ? "done" : "refused")}: {lines.Length}");
            if (lines.Length == 0) continue;
            var table = new TextTable();
            foreach (PassLine line in lines) table.Add(line.Pass, line.Where, line.Text);
            table.WriteTo(streams.Output, "  ");
        }
    }
}
