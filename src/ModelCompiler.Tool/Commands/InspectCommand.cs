using System.CommandLine;
using System.Globalization;
using ModelCompiler.Tool.Inspection;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Commands;

/// <summary><c>modelc inspect</c>: signature, operators, size and work of a model.</summary>
internal static class InspectCommand
{
    public static Command Create(Streams streams)
    {
        Argument<string> model = ModelArguments.Model();
        Option<bool> json = ModelArguments.Json();
        Option<string[]> dimensions = ModelArguments.Dimensions();
        Option<bool> placement = new("--placement") { Description = "Show which execution provider runs which nodes." };
        Option<string> provider = ModelArguments.ProviderList();
        var command = new Command("inspect", "Shows a model's signature, operators, parameters, size and multiply-accumulate operations.") { model, dimensions, placement, provider, json };
        command.SetAction(result =>
        {
            string path = result.GetRequiredValue(model);
            ModelSummary summary = ModelSummary.Read(path, ModelArguments.ParseDimensions(result.GetValue(dimensions)));
            if (result.GetValue(placement)) summary = summary with { Placement = PlacementReport.Of(path, ModelArguments.ParseProviders(result.GetRequiredValue(provider))) };
            if (result.GetValue(json)) streams.Output.Write(JsonText.Of(summary));
            else Write(summary, streams.Output);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(ModelSummary summary, TextWriter output)
    {
        string domains = string.Concat(summary.Domains.Select(domain => string.Create(CultureInfo.InvariantCulture, $", {domain.Key} {domain.Value}")));
        output.WriteLine(summary.Path);
        new TextTable()
            .Add("opset", string.Create(CultureInfo.InvariantCulture, $"{summary.Opset}{domains}"))
            .Add("IR version", summary.IrVersion.ToString(CultureInfo.InvariantCulture))
            .Add("producer", summary.Producer.Length > 0 ? summary.Producer : "unknown")
            .Add("size", Figures.Bytes(summary.Bytes))
            .Add("parameters", Figures.Count(summary.Parameters))
            .Add("MACs", summary.Macs is { } macs ? Figures.Count(macs) : "unknown: depends on open dimensions (see --dim)")
            .WriteTo(output, "  ");
        WriteSignature(output, "inputs", summary.Inputs);
        WriteSignature(output, "outputs", summary.Outputs);
        output.WriteLine("operators");
        var table = new TextTable(rightAligned: 0);
        foreach ((string name, int count) in summary.Operators) table.Add(count.ToString(CultureInfo.InvariantCulture), name);
        if (summary.Operators.Count > 0) table.WriteTo(output, "  ");
        if (summary.Placement is { } placement) WritePlacement(output, placement);
    }

    private static void WritePlacement(TextWriter output, PlacementReport placement)
    {
        output.WriteLine(placement.IsMeasured ? "placement, by ONNX Runtime" : "placement, by tables");
        var table = new TextTable();
        foreach (var (provider, problem) in placement.Unavailable) table.Add(provider.ToString(), $"not here: {problem}");
        foreach (var (provider, count) in placement.Nodes) table.Add(provider, Figures.Count(count) + " nodes");
        foreach (PlacementNode node in placement.OnCpu) table.Add("on the CPU", $"{node.Operator} {node.Name}");
        foreach (var unsupported in placement.Unsupported) table.Add("will be on the CPU", $"{unsupported.Operator}, {unsupported.Nodes.Count}: {unsupported.Reason}");
        table.WriteTo(output, "  ");
    }

    private static void WriteSignature(TextWriter output, string title, IReadOnlyList<SignatureEntry> entries)
    {
        output.WriteLine(title);
        if (entries.Count == 0) return;
        var table = new TextTable();
        foreach (SignatureEntry entry in entries)
        {
            string shape = entry.Shape is null ? "[...]" : $"[{string.Join(", ", entry.Shape.Select(dim => dim ?? "?"))}]";
            table.Add(entry.Name, entry.Type + shape);
        }
        table.WriteTo(output, "  ");
    }
}
