using System.CommandLine;
using System.Globalization;
using ModelCompiler.Runtime;
using ModelCompiler.Tool.Inspection;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Commands;

/// <summary><c>modelc doctor</c>: what this machine has to run models with, and what is missing.</summary>
internal static class DoctorCommand
{
    public static Command Create(Streams streams)
    {
        Option<bool> json = ModelArguments.Json();
        var command = new Command("doctor", "Shows what this machine has to run models with: ONNX Runtime, execution providers, drivers, the processor.") { json };
        command.SetAction(result =>
        {
            MachineReport report = MachineReport.Create();
            if (result.GetValue(json)) streams.Output.Write(JsonText.Of(report));
            else Write(report, streams.Output);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(MachineReport report, TextWriter output)
    {
        GraphicsReport graphics = report.Graphics;
        new TextTable()
            .Add("system", report.System)
            .Add(".NET", report.DotNet)
            .Add("processor", string.Create(CultureInfo.InvariantCulture, $"{report.Cpu.Model}, {report.Cpu.Architecture}, {report.Cpu.Cores} cores"))
            .Add("instructions", string.Join(" ", report.Cpu.Features))
            .Add("memory", Figures.Bytes(report.MemoryBytes))
            .Add("GPU devices", OrNone(graphics.Devices))
            .Add("NVIDIA driver", graphics.NvidiaDriver ?? "none")
            .Add("Vulkan", $"{(graphics.VulkanLoader ? "loader found" : "no loader")}, drivers: {OrNone(graphics.VulkanDrivers)}")
            .Add("ONNX Runtime", report.OnnxRuntime is { } runtime ? $"{runtime.Version}, {runtime.Path}" : report.RuntimeProblem!)
            .WriteTo(output);
        if (report.Providers.Count == 0) return;
        output.WriteLine("execution providers");
        var table = new TextTable();
        foreach (ProviderStatus provider in report.Providers)
            table.Add(provider.Provider.ToString(), provider.Problem is null ? "nothing is missing" : $"{provider.Code}: {provider.Problem}");
        table.WriteTo(output, "  ");
    }

    private static string OrNone(IReadOnlyList<string> items) => items.Count == 0 ? "none" : string.Join(", ", items);
}
